using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record VariableRequest
{
    public Optional<string?> Key { get; init; }

    public Optional<string?> Value { get; init; }

    public Optional<string?> Description { get; init; }

    public Optional<string?> Category { get; init; }

    public Optional<bool?> Hcl { get; init; }

    public Optional<bool?> Sensitive { get; init; }

    /// <summary>What is not sent stays as it is; a value of null is an empty one.</summary>
    /// <param name="current">Null for a new one.</param>
    public VariableEdit ToEdit(Variable? current) => new(
        Key.Value, Category.Value, Value.IsSet ? Value.Value ?? "" : null, Description.IsSet ? Description.Value : current?.Description, Hcl.Value, Sensitive.Value);
}

/// <summary>The variables of workspaces and of sets: the same five routes, in two places.</summary>
internal static class VariablesApi
{
    public static void MapVariables(this IEndpointRouteBuilder api)
    {
        Map(api, "/workspaces/{id}/vars", "workspace", id => new WorkspaceId(id));
        Map(api, "/varsets/{id}/relationships/vars", "variable set", id => new VariableSetId(id));
        api.MapPatch("/workspaces/{id}/relationships/vars", UpdateManyAsync)
            .WithSummary("Change several variables of a workspace, all or none").TakesPlain<RequestList<VariableRequest>>().ReturnsNothing();
        api.MapGet("/workspaces/{id}/all-vars", ListAllAsync)
            .WithSummary("List the variables that a workspace's next run would use").ReturnsPage<VariableResource>();
        MapOld(api);
    }

    private static void Map(IEndpointRouteBuilder api, string path, string whose, Func<string, VariableOwner> owner)
    {
        // The CLI reads one page only, so all are on it unless a page is asked for.
        api.MapGet(path, (string id, HttpContext context, OrchestratorDbContext db, VariableResource variables) =>
            ListAsync(owner(id), context, db, variables))
            .WithSummary($"List the variables of a {whose}").ReturnsPage<VariableResource>();
        api.MapPost(path, (string id, HttpContext context, OrchestratorDbContext db, VariableStore store, VariableResource variables) =>
            CreateAsync(owner(id), context, db, store, variables))
            .WithSummary($"Create a variable of a {whose}").Takes<VariableRequest>().Creates<VariableResource>();
        api.MapGet($"{path}/{{variable}}", (string id, string variable, HttpContext context, OrchestratorDbContext db, VariableResource variables) =>
            ReadAsync(owner(id), variable, context, db, variables))
            .WithSummary($"Show a variable of a {whose}").Returns<VariableResource>();
        api.MapPatch($"{path}/{{variable}}", (
            string id, string variable, HttpContext context, OrchestratorDbContext db, VariableStore store, VariableResource variables) =>
            UpdateAsync(owner(id), variable, context, db, store, variables))
            .WithSummary($"Change a variable of a {whose}").Takes<VariableRequest>().Returns<VariableResource>();
        api.MapDelete($"{path}/{{variable}}", (string id, string variable, VariableStore store, CancellationToken cancellationToken) =>
            DeleteAsync(owner(id), variable, store, cancellationToken))
            .WithSummary($"Delete a variable of a {whose}").ReturnsNothing();
    }

    /// <summary>The routes from before variables stood below their workspaces. Scripts still use them; sets have none of the kind.</summary>
    private static void MapOld(IEndpointRouteBuilder api)
    {
        api.MapGet("/vars", ListEverywhereAsync)
            .WithSummary("List the variables of workspaces (an old route)").ReturnsPage<VariableResource>()
            .Query("filter[organization][name]", "The organization.").Query("filter[workspace][name]", "One workspace, by its name.");
        api.MapPost("/vars", CreateForRelatedAsync)
            .WithSummary("Create a variable of a workspace (an old route)").Takes<VariableRequest>().Creates<VariableResource>();
        api.MapGet("/vars/{id}", async (string id, HttpContext context, OrchestratorDbContext db, VariableResource variables) =>
            await ReadAsync(await OwnerOfAsync(id, context, db), id, context, db, variables))
            .WithSummary("Show a variable of a workspace (an old route)").Returns<VariableResource>();
        api.MapPatch("/vars/{id}", async (string id, HttpContext context, OrchestratorDbContext db, VariableStore store, VariableResource variables) =>
            await UpdateAsync(await OwnerOfAsync(id, context, db), id, context, db, store, variables))
            .WithSummary("Change a variable of a workspace (an old route)").Takes<VariableRequest>().Returns<VariableResource>();
        api.MapDelete("/vars/{id}", async (string id, HttpContext context, OrchestratorDbContext db, VariableStore store) =>
            await DeleteAsync(await OwnerOfAsync(id, context, db), id, store, context.RequestAborted))
            .WithSummary("Delete a variable of a workspace (an old route)").ReturnsNothing();
    }

    private static async Task<IResult> ListAsync(VariableOwner owner, HttpContext context, OrchestratorDbContext db, VariableResource variables)
    {
        await RequireAsync(owner, db, context.RequestAborted);
        return await variables.ShowPageOrAllAsync(
            db.VariablesOf(owner).AsNoTracking().OrderBy(variable => variable.Key).ThenBy(variable => variable.Category), context);
    }

    /// <summary>Those of the workspaces that the query names, as far as the caller may read them.</summary>
    private static async Task<IResult> ListEverywhereAsync(HttpContext context, OrchestratorDbContext db, VariableResource variables)
    {
        const int maxWorkspaces = 1000;
        var (organization, name) = (context.Request.Filter("organization", "name"), context.Request.Filter("workspace", "name"));
        var standing = Admission.Of(context).Standing;
        var candidates = await (
            from workspace in db.Workspaces
            join owner in db.Organizations on workspace.OrganizationId equals owner.Id
            where (organization == null || owner.Name == organization) && (name == null || workspace.Name == name)
            select new { workspace.Id, workspace.OrganizationId, workspace.ProjectId }).ToListAsync(context.RequestAborted);
        WorkspaceId[] readable = [.. candidates
            .Where(row => standing.In(row.OrganizationId, row.ProjectId, row.Id).HasFlag(WorkspaceRight.ReadVariables)).Select(row => row.Id)];
        if (organization is not null && name is not null && readable.Length == 0)
        {
            throw ApiProblem.NotFound();
        }
        if (readable.Length > maxWorkspaces)
        {
            throw ApiProblem.BadRequest(
                $"These are the variables of more than {maxWorkspaces} workspaces. Name an organization or a workspace with filter[organization][name] "
                + "and filter[workspace][name], or ask for /workspaces/…/vars.");
        }
        return await variables.ShowPageOrAllAsync(
            db.Variables.AsNoTracking().Where(variable => variable.WorkspaceId != null && readable.Contains(variable.WorkspaceId.Value))
                .OrderBy(variable => variable.WorkspaceId).ThenBy(variable => variable.Key).ThenBy(variable => variable.Category), context);
    }

    private static async Task<IResult> ReadAsync(
        VariableOwner owner, string id, HttpContext context, OrchestratorDbContext db, VariableResource variables)
    {
        var variable = new VariableId(id);
        return await variables.ShowAsync(
            await db.VariablesOf(owner).AsNoTracking().FirstOrDefaultAsync(row => row.Id == variable, context.RequestAborted), context);
    }

    private static async Task<IResult> CreateAsync(
        VariableOwner owner, HttpContext context, OrchestratorDbContext db, VariableStore store, VariableResource variables)
    {
        await RequireAsync(owner, db, context.RequestAborted);
        var wanted = (await context.Request.ReadResourceAsync<VariableRequest>()).Attributes!;
        var created = await store.CreateAsync(owner, wanted.ToEdit(null), context.RequestAborted);
        return await variables.ShowNewAsync(created.OrThrow(), context);
    }

    private static async Task<IResult> UpdateAsync(
        VariableOwner owner, string id, HttpContext context, OrchestratorDbContext db, VariableStore store, VariableResource variables)
    {
        var variable = new VariableId(id);
        if (!await db.VariablesOf(owner).AnyAsync(row => row.Id == variable, context.RequestAborted))
        {
            throw ApiProblem.NotFound();
        }
        var wanted = (await context.Request.ReadResourceAsync<VariableRequest>()).Attributes!;
        var updated = await store.UpdateAsync(owner, variable, wanted.ToEdit, context.RequestAborted);
        return await variables.ShowAsync(updated.OrThrow(), context);
    }

    private static async Task<IResult> DeleteAsync(VariableOwner owner, string id, VariableStore store, CancellationToken cancellationToken) =>
        await store.DeleteAsync(owner, new VariableId(id), cancellationToken) ? Results.NoContent() : throw ApiProblem.NotFound();

    /// <summary>All of them or none.</summary>
    private static async Task<IResult> UpdateManyAsync(string id, HttpContext context, OrchestratorDbContext db, VariableStore store)
    {
        VariableOwner workspace = new WorkspaceId(id);
        await RequireAsync(workspace, db, context.RequestAborted);
        var wanted = await context.Request.ReadListAsync<VariableRequest>();
        if (wanted.Count == 0)
        {
            return Results.NoContent();
        }
        var (result, index) = await store.UpdateAsync(
            workspace,
            [.. wanted.Select((item, at) => (
                new VariableId(item.Id ?? throw ApiProblem.BadRequest("A member has no id.", $"/data/{at}")),
                (Func<Variable, VariableEdit>)(item.Attributes ?? new VariableRequest()).ToEdit))],
            context.RequestAborted);
        return result switch
        {
            { Variable: not null } => Results.NoContent(),
            { Refusal: { } refusal } => throw new ApiProblem(
                StatusCodes.Status422UnprocessableEntity, "invalid attribute", refusal, $"/data/{index}/attributes/{result.Field}"),
            _ => throw new ApiProblem(StatusCodes.Status404NotFound, "not found", "The workspace has no such variable.", $"/data/{index}/id"),
        };
    }

    /// <summary>What the workspace's next run would use: its own variables, and those of its sets that nothing overrides.</summary>
    private static async Task<IResult> ListAllAsync(string id, HttpContext context, OrchestratorDbContext db, VariableResource variables)
    {
        var workspace = new WorkspaceId(id);
        await RequireAsync(workspace, db, context.RequestAborted);
        var effective = await WorkspaceVariables.ReadAsync(db, workspace, context.RequestAborted);
        var ids = effective.Select(variable => variable.Winner.Stored!.Id).ToArray();
        return await variables.ShowPageOrAllAsync(
            db.Variables.AsNoTracking().Where(row => ids.Contains(row.Id)).OrderBy(row => row.Key).ThenBy(row => row.Category), context);
    }

    private static async Task<IResult> CreateForRelatedAsync(
        HttpContext context, OrchestratorDbContext db, VariableStore store, VariableResource variables)
    {
        var body = await context.Request.ReadResourceAsync<VariableRequest>();
        WorkspaceId? named = (body.RelatedId("workspace") ?? body.RelatedId("configurable")) is { } id
            ? Identifier.TryParse<WorkspaceId>(id, out var related) ? related : null
            : await NamedByFilterAsync(context, db);
        if (named is not { } workspace || await db.FindAsync(workspace, context.RequestAborted) is not { } scope
            || !Admission.Of(context).At(scope).May(WorkspaceRight.WriteVariables))
        {
            throw ApiProblem.InvalidRelationship("workspace", "Name the workspace that the variable is for.");
        }
        var created = await store.CreateAsync(workspace, body.Attributes!.ToEdit(null), context.RequestAborted);
        return await variables.ShowNewAsync(created.OrThrow(), context);
    }

    private static Variable OrThrow(this VariableEditResult result) =>
        result.Variable ?? throw (result.Refusal is null ? ApiProblem.NotFound() : ApiProblem.Invalid(result.Field!, result.Refusal));

    /// <summary>The workspace of <c>filter[organization][name]</c> and <c>filter[workspace][name]</c>; null when they name none.</summary>
    private static async Task<WorkspaceId?> NamedByFilterAsync(HttpContext context, OrchestratorDbContext db)
    {
        var (organization, name) = (context.Request.Filter("organization", "name"), context.Request.Filter("workspace", "name"));
        return await (
            from workspace in db.Workspaces
            join owner in db.Organizations on workspace.OrganizationId equals owner.Id
            where owner.Name == organization && workspace.Name == name
            select (WorkspaceId?)workspace.Id).FirstOrDefaultAsync(context.RequestAborted);
    }

    private static async Task<VariableOwner> OwnerOfAsync(string id, HttpContext context, OrchestratorDbContext db)
    {
        var variable = new VariableId(id);
        var owner = await db.Variables.Where(row => row.Id == variable).Select(row => row.WorkspaceId).FirstOrDefaultAsync(context.RequestAborted);
        return owner ?? throw ApiProblem.NotFound();
    }

    private static async Task RequireAsync(VariableOwner owner, OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var exists = owner.VariableSetId is { } set
            ? await db.VariableSets.AnyAsync(row => row.Id == set, cancellationToken)
            : await db.Workspaces.AnyAsync(row => row.Id == owner.WorkspaceId, cancellationToken);
        if (!exists)
        {
            throw ApiProblem.NotFound();
        }
    }
}
