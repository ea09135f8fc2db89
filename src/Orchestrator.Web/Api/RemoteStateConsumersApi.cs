using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
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
            return await workspaces.ShowPageAsync(consumers, rows => WorkspaceView.Of(rows, db), context);
        }).Needs(WorkspaceRight.ReadSettings).WithSummary("List who may read a workspace's state").ReturnsPage<WorkspaceResource>();
        api.MapPost(Route, (string id, HttpRequest request, Admission admission, OrchestratorDbContext db) =>
            ChangeAsync(id, request, admission, db, async (shared, given) => await db.NameConsumersAsync(
                shared, [.. given.Union((await ReadAsync(db, shared, request)).Select(row => row.ConsumerId))], request.HttpContext.RequestAborted)))
            .Needs(WorkspaceRight.Update).WithSummary("Let more workspaces read a workspace's state").TakesIdentifiers().ReturnsNothing();
        api.MapPatch(Route, (string id, HttpRequest request, Admission admission, OrchestratorDbContext db) =>
            ChangeAsync(id, request, admission, db, (shared, given) => db.NameConsumersAsync(shared, given, request.HttpContext.RequestAborted)))
            .Needs(WorkspaceRight.Update).WithSummary("Say which workspaces read a workspace's state").TakesIdentifiers().ReturnsNothing();
        api.MapDelete(Route, (string id, HttpRequest request, Admission admission, OrchestratorDbContext db) =>
            ChangeAsync(id, request, admission, db, async (shared, given) => db.RemoteStateConsumers.RemoveRange(
                (await ReadAsync(db, shared, request)).Where(row => given.Contains(row.ConsumerId)))))
            .Needs(WorkspaceRight.Update).WithSummary("Let workspaces read a workspace's state no more").TakesIdentifiers().ReturnsNothing();
    }

    private static async Task<IResult> ChangeAsync(
        string id, HttpRequest request, Admission admission, OrchestratorDbContext db, Func<WorkspaceId, IReadOnlyCollection<WorkspaceId>, Task> change)
    {
        var shared = await db.WorkspaceAsync(id, request.HttpContext.RequestAborted);
        WorkspaceId[] given = [.. (await request.ReadIdsAsync()).Select(consumer => new WorkspaceId(consumer))];
        if (shared.GlobalRemoteState)
        {
            throw TagsApi.Refused("The workspace shares its state with the whole organization. Switch global-remote-state off to name consumers.");
        }
        foreach (var consumer in given)
        {
            var scope = await db.FindAsync(consumer, request.HttpContext.RequestAborted);
            if (scope?.Organization != shared.OrganizationId || !admission.At(scope).May(WorkspaceRight.See))
            {
                throw TagsApi.Refused("The organization has no such workspace.");
            }
        }
        await change(shared.Id, given);
        // Somebody else may have added the same one just now; then it is there.
        await db.TrySaveAsync(request.HttpContext.RequestAborted);
        return Results.NoContent();
    }

    private static Task<List<RemoteStateConsumer>> ReadAsync(OrchestratorDbContext db, WorkspaceId shared, HttpRequest request) =>
        db.RemoteStateConsumers.Where(row => row.WorkspaceId == shared).ToListAsync(request.HttpContext.RequestAborted);
}
