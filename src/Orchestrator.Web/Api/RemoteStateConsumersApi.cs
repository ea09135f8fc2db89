using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

/// <summary>Which workspaces' runs may read a workspace's state, where it does not share it with all.</summary>
internal static class RemoteStateConsumersApi
{
    private const string Route = "/workspaces/{id}/relationships/remote-state-consumers";

    public static void MapRemoteStateConsumers(this IEndpointRouteBuilder api)
    {
        api.MapGet(Route, async (string id, HttpContext context, OrchestratorDbContext db, WorkspaceResource workspaces) =>
        {
            var shared = await db.WorkspaceAsync(id, context.RequestAborted);
            var consumers = from row in db.RemoteStateConsumers
                            where row.WorkspaceId == shared.Id
                            join workspace in db.Workspaces.AsNoTracking() on row.ConsumerId equals workspace.Id
                            orderby workspace.Name
                            select workspace;
            return await workspaces.ShowPageAsync(WorkspaceView.Of(consumers, db), context);
        });
        api.MapPost(Route, (string id, HttpRequest request, OrchestratorDbContext db) => ChangeAsync(id, request, db, async (shared, given) =>
        {
            var present = await db.RemoteStateConsumers.Where(row => row.WorkspaceId == shared).Select(row => row.ConsumerId).ToListAsync(request.HttpContext.RequestAborted);
            Add(db, shared, given.Except(present));
        }));
        api.MapPatch(Route, (string id, HttpRequest request, OrchestratorDbContext db) => ChangeAsync(id, request, db, async (shared, given) =>
        {
            var present = await db.RemoteStateConsumers.Where(row => row.WorkspaceId == shared).ToListAsync(request.HttpContext.RequestAborted);
            db.RemoteStateConsumers.RemoveRange(present.Where(row => !given.Contains(row.ConsumerId)));
            Add(db, shared, given.Except(present.Select(row => row.ConsumerId)));
        }));
        api.MapDelete(Route, (string id, HttpRequest request, OrchestratorDbContext db) => ChangeAsync(id, request, db, async (shared, given) =>
            await db.RemoteStateConsumers.Where(row => row.WorkspaceId == shared && given.Contains(row.ConsumerId)).ExecuteDeleteAsync(request.HttpContext.RequestAborted)));
    }

    private static async Task<IResult> ChangeAsync(
        string id, HttpRequest request, OrchestratorDbContext db, Func<WorkspaceId, IReadOnlyCollection<WorkspaceId>, Task> change)
    {
        var shared = await db.WorkspaceAsync(id, request.HttpContext.RequestAborted);
        WorkspaceId[] given = [.. (await request.ReadIdsAsync()).Select(consumer => new WorkspaceId(consumer))];
        if (shared.GlobalRemoteState)
        {
            throw TagsApi.Refused("The workspace shares its state with the whole organization. Switch global-remote-state off to name consumers.");
        }
        if (await db.Workspaces.CountAsync(row => given.Contains(row.Id) && row.OrganizationId == shared.OrganizationId, request.HttpContext.RequestAborted) != given.Length)
        {
            throw TagsApi.Refused("The organization has no such workspace.");
        }
        await change(shared.Id, given);
        // Somebody else may have added the same one just now; then it is there.
        await db.TrySaveAsync(request.HttpContext.RequestAborted);
        return Results.NoContent();
    }

    private static void Add(OrchestratorDbContext db, WorkspaceId shared, IEnumerable<WorkspaceId> consumers) => db.RemoteStateConsumers.AddRange(
        consumers.Select(consumer => new RemoteStateConsumer { WorkspaceId = shared, ConsumerId = consumer }));
}
