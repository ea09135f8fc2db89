using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>A workspace's runs, an organisation's, and what its workers do next.</summary>
internal static class RunListsApi
{
    public static void MapRunLists(this IEndpointRouteBuilder api)
    {
        Describe(api.MapGet("/workspaces/{id}/runs", ListOfWorkspaceAsync)
            .WithSummary("List the runs of a workspace, newest first").ReturnsPage<RunResource>());
        Describe(api.MapGet("/organizations/{organization}/runs", ListOfOrganizationAsync)
            .WithSummary("List the runs of an organization, newest first").ReturnsPage<RunResource>())
            .Query("filter[workspace_names]", "Names of workspaces, with commas.");
        api.MapGet("/organizations/{organization}/runs/queue", async (
            string organization, HttpContext context, OrchestratorDbContext db, RunResource runs) =>
        {
            var owner = await db.OrganizationAsync(organization, context.RequestAborted);
            return await runs.ShowPageAsync(RunResource.View(db.Queue(owner.Id), db), context);
        }).WithSummary("List what an organization's workers do and will do next").ReturnsPage<RunResource>();
        api.MapGet("/organizations/{organization}/capacity", (string organization, HttpContext context, CapacityResource capacities) =>
            capacities.ShowAsync(organization, context))
            .WithSummary("Show how many runs of an organization wait, and how many are carried out").Returns<CapacityResource>();
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder list) => list
        .Query("filter[operation]", "Of plan_and_apply, plan_only, save_plan, destroy, refresh_only, empty_apply, with commas; all but plan_only when absent.")
        .Query("filter[status]", "Statuses, with commas.")
        .Query("filter[status_group]", "non_final, final or discardable.")
        .Query("filter[source]", "Where runs came from, such as tfe-api and tfe-ui, with commas.")
        .Query("filter[timeframe]", "A year, or 'year' for the last twelve months.")
        .Query("search[user]", "Part of the name of who asked for the run.")
        .Query("search[commit]", "Part of a commit's hash.")
        .Query("search[basic]", "A run's id, or part of its message or of its author's name.");

    private static async Task<IResult> ListOfWorkspaceAsync(
        string id, HttpContext context, OrchestratorDbContext db, RunResource runs, TimeProvider clock)
    {
        var workspace = new WorkspaceId(id);
        var filter = Filter(context.Request, clock);
        if (!await db.Workspaces.AnyAsync(row => row.Id == workspace, context.RequestAborted))
        {
            throw ApiProblem.NotFound();
        }
        var wanted = filter.Of(db).Where(run => run.WorkspaceId == workspace);
        return await runs.ShowPageAsync(NewestFirst(wanted), rows => RunResource.View(rows, db), context);
    }

    /// <summary>Without totals: counting a hundred thousand runs takes longer than finding the newest twenty.</summary>
    private static async Task<IResult> ListOfOrganizationAsync(
        string organization, HttpContext context, OrchestratorDbContext db, RunResource runs, TimeProvider clock)
    {
        var filter = Filter(context.Request, clock);
        var owner = await db.OrganizationAsync(organization, context.RequestAborted);
        return await runs.ShowUncountedPageAsync(
            NewestFirst(filter.Of(db).Where(run => run.OrganizationId == owner.Id)), rows => RunResource.View(rows, db), context);
    }

    private static IQueryable<Run> NewestFirst(IQueryable<Run> runs) =>
        runs.AsNoTracking().OrderByDescending(run => run.CreatedAt).ThenByDescending(run => run.Id);

    private static RunFilter Filter(HttpRequest request, TimeProvider clock)
    {
        var (filter, fault) = RunFilter.Read(name => request.Query[name].ToString(), clock.GetUtcNow());
        return fault is var (name, reason) ? throw ApiProblem.BadRequest($"'{name}' cannot be used. {reason}") : filter;
    }
}
