using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>The request names the other workspace in a relation, and nothing else.</summary>
public sealed record RunTriggerRequest;

internal static class RunTriggersApi
{
    private const string TypeFilter = "filter[run-trigger][type]";

    public static void MapRunTriggers(this IEndpointRouteBuilder api)
    {
        api.MapGet("/workspaces/{id}/run-triggers", ListAsync)
            .WithSummary("List whom a workspace follows, or who follows it").ReturnsPage<RunTriggerResource>()
            .Query(TypeFilter, "inbound: whom it follows. outbound: who follows it. One of the two has to be named.");
        api.MapPost("/workspaces/{id}/run-triggers", CreateAsync)
            .WithSummary("Let a workspace follow another: its applies queue runs here").Takes<RunTriggerRequest>().Creates<RunTriggerResource>();
        api.MapGet("/run-triggers/{id}", (string id, HttpContext context, RunTriggerResource triggers) => triggers.ShowAsync(id, context))
            .WithSummary("Show whom a workspace follows").Returns<RunTriggerResource>();
        api.MapDelete("/run-triggers/{id}", async (string id, OrchestratorDbContext db, CancellationToken cancellationToken) =>
            await db.RunTriggers.Where(trigger => trigger.Id == new RunTriggerId(id)).ExecuteDeleteAsync(cancellationToken) == 1
                ? Results.NoContent()
                : throw ApiProblem.NotFound())
            .WithSummary("Let a workspace not follow another any more").ReturnsNothing();
    }

    private static async Task<IResult> ListAsync(string id, HttpContext context, OrchestratorDbContext db, RunTriggerResource triggers)
    {
        var workspace = await RequireAsync(db, id, context.RequestAborted);
        var wanted = context.Request.Filter("run-trigger", "type") switch
        {
            "inbound" => db.RunTriggers.Where(trigger => trigger.WorkspaceId == workspace),
            "outbound" => db.RunTriggers.Where(trigger => trigger.SourceableId == workspace),
            _ => throw ApiProblem.BadRequest($"'{TypeFilter}' is 'inbound' or 'outbound'."),
        };
        return await triggers.ShowPageAsync(
            RunTriggerResource.View(wanted.AsNoTracking().OrderBy(trigger => trigger.CreatedAt).ThenBy(trigger => trigger.Id), db), context);
    }

    private static async Task<IResult> CreateAsync(
        string id, HttpContext context, OrchestratorDbContext db, RunTriggerEditor editor, RunTriggerResource triggers)
    {
        var workspace = await RequireAsync(db, id, context.RequestAborted);
        var source = (await context.Request.ReadResourceAsync<RunTriggerRequest>()).RelatedId("sourceable")
            ?? throw ApiProblem.InvalidRelationship("sourceable", "Name the workspace that is to be followed.");
        if (await db.StandBeforeAsync(source, context) is not { } there || !there.May(WorkspaceRight.ReadRuns))
        {
            throw ApiProblem.InvalidRelationship("sourceable", "The organization has no such workspace.");
        }
        var (trigger, refusal) = await editor.CreateAsync(workspace, new WorkspaceId(source), context.RequestAborted);
        if (trigger is null)
        {
            throw ApiProblem.InvalidRelationship("sourceable", refusal!);
        }
        return await triggers.ShowNewAsync(await RunTriggerResource.View(db.RunTriggers.Where(row => row.Id == trigger.Id), db)
            .AsNoTracking().FirstAsync(context.RequestAborted), context);
    }

    private static async Task<WorkspaceId> RequireAsync(OrchestratorDbContext db, string id, CancellationToken cancellationToken) =>
        await db.Workspaces.AnyAsync(row => row.Id == new WorkspaceId(id), cancellationToken) ? new WorkspaceId(id) : throw ApiProblem.NotFound();
}
