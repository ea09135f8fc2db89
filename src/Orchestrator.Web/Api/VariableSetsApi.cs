using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record VariableSetRequest
{
    public Optional<string?> Name { get; init; }

    public Optional<string?> Description { get; init; }

    public bool? Global { get; init; }

    public bool? Priority { get; init; }
}

internal static class VariableSetsApi
{
    private static readonly SortKeys<VariableSet> Sort = new SortKeys<VariableSet>("name")
        .ByUnique("name", set => set.Name)
        .By("created-at", set => set.CreatedAt)
        .By("updated-at", set => set.UpdatedAt)
        .Last(set => set.Id);

    public static void MapVariableSets(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/varsets", ListOfOrganizationAsync)
            .WithSummary("List the variable sets of an organisation").ReturnsPage<VariableSetResource>().SortedBy(Sort)
            .Query("q", "Part of a name.").Query("filter[global]", "true or false.").Query("scope", "owned: without those that projects own.");
        api.MapPost("/organizations/{organization}/varsets", CreateAsync)
            .WithSummary("Create a variable set").Takes<VariableSetRequest>().Creates<VariableSetResource>();
        api.MapGet("/projects/{id}/varsets", ListOfProjectAsync)
            .WithSummary("List the variable sets that reach a project").ReturnsPage<VariableSetResource>().SortedBy(Sort)
            .Query("q", "Part of a name.").Query("scope", "owned: those that the project owns.");
        api.MapGet("/workspaces/{id}/varsets", ListOfWorkspaceAsync)
            .WithSummary("List the variable sets that reach a workspace").ReturnsPage<VariableSetResource>().SortedBy(Sort).Query("q", "Part of a name.");
        api.MapGet("/varsets/{id}", (string id, HttpContext context, VariableSetResource sets) => sets.ShowAsync(id, context))
            .WithSummary("Show a variable set").Returns<VariableSetResource>();
        api.MapPatch("/varsets/{id}", UpdateAsync).WithSummary("Change a variable set").Takes<VariableSetRequest>().Returns<VariableSetResource>();
        api.MapPut("/varsets/{id}", UpdateAsync).WithSummary("Change a variable set, as PATCH does").Takes<VariableSetRequest>().Returns<VariableSetResource>();
        api.MapDelete("/varsets/{id}", async (string id, VariableSets sets, CancellationToken cancellationToken) =>
            await sets.DeleteAsync(new VariableSetId(id), cancellationToken) ? Results.NoContent() : throw ApiProblem.NotFound())
            .WithSummary("Delete a variable set with its variables").ReturnsNothing();
        MapAssignments(api, "workspaces", ids => ([.. ids.Select(id => new WorkspaceId(id))], []));
        MapAssignments(api, "projects", ids => ([], [.. ids.Select(id => new ProjectId(id))]));
    }

    private static void MapAssignments(
        IEndpointRouteBuilder api, string relation, Func<IReadOnlyList<string>, (IReadOnlyList<WorkspaceId>, IReadOnlyList<ProjectId>)> read)
    {
        var path = $"/varsets/{{id}}/relationships/{relation}";
        api.MapPost(path, (string id, HttpContext context, OrchestratorDbContext db, VariableSets sets) => ReassignAsync(id, context, db, read, sets.AssignAsync))
            .WithSummary($"Assign a variable set to {relation}").TakesIdentifiers().ReturnsNothing();
        api.MapDelete(path, (string id, HttpContext context, OrchestratorDbContext db, VariableSets sets) => ReassignAsync(id, context, db, read, sets.UnassignAsync))
            .WithSummary($"Take a variable set from {relation}").TakesIdentifiers().ReturnsNothing();
    }

    private static async Task<IResult> ReassignAsync(
        string id, HttpContext context, OrchestratorDbContext db, Func<IReadOnlyList<string>, (IReadOnlyList<WorkspaceId>, IReadOnlyList<ProjectId>)> read,
        Func<VariableSetId, IReadOnlyList<WorkspaceId>, IReadOnlyList<ProjectId>, CancellationToken, Task<VariableSetResult>> reassign)
    {
        var set = new VariableSetId(id);
        if (!await db.VariableSets.AnyAsync(row => row.Id == set, context.RequestAborted))
        {
            throw ApiProblem.NotFound();
        }
        var (workspaces, projects) = read(await context.Request.ReadIdsAsync());
        return AssignedOrThrow(await reassign(set, workspaces, projects, context.RequestAborted));
    }

    /// <summary>What is at fault is the list that was sent.</summary>
    private static IResult AssignedOrThrow(VariableSetResult result) => result switch
    {
        { Set: not null } => Results.NoContent(),
        { Refusal: { } refusal } => throw new ApiProblem(StatusCodes.Status422UnprocessableEntity, "invalid relationship", refusal.Reason, "/data"),
        _ => throw ApiProblem.NotFound(),
    };

    private static async Task<IResult> ListOfOrganizationAsync(
        string organization, HttpContext context, OrchestratorDbContext db, VariableSetResource resources, CancellationToken cancellationToken)
    {
        var found = await db.OrganizationAsync(organization, cancellationToken);
        var sets = db.VariableSets.AsNoTracking().Where(set => set.OrganizationId == found.Id);
        if (bool.TryParse(context.Request.Filter("global"), out var global))
        {
            sets = sets.Where(set => set.Global == global);
        }
        return await ListAsync(IsOwned(context.Request) ? sets.Where(set => set.ProjectId == null) : sets, context, db, resources);
    }

    private static async Task<IResult> ListOfProjectAsync(
        string id, HttpContext context, OrchestratorDbContext db, VariableSetResource resources, CancellationToken cancellationToken)
    {
        var project = new ProjectId(id);
        if (!await db.Projects.AnyAsync(row => row.Id == project, cancellationToken))
        {
            throw ApiProblem.NotFound();
        }
        return await ListAsync(
            IsOwned(context.Request) ? db.VariableSets.Where(set => set.ProjectId == project) : db.SetsReaching(project), context, db, resources);
    }

    private static async Task<IResult> ListOfWorkspaceAsync(
        string id, HttpContext context, OrchestratorDbContext db, VariableSetResource resources, CancellationToken cancellationToken)
    {
        var workspace = new WorkspaceId(id);
        if (!await db.Workspaces.AnyAsync(row => row.Id == workspace, cancellationToken))
        {
            throw ApiProblem.NotFound();
        }
        return await ListAsync(db.SetsReaching(workspace), context, db, resources);
    }

    private static Task<JsonApiResult> ListAsync(
        IQueryable<VariableSet> sets, HttpContext context, OrchestratorDbContext db, VariableSetResource resources)
    {
        if (context.Request.Query() is { } text)
        {
#pragma warning disable CA1862, CA1304, CA1311 // Translated to SQL's lower().
            sets = sets.Where(set => set.Name.ToLower().Contains(text.ToLower()));
#pragma warning restore CA1862, CA1304, CA1311
        }
        return resources.ShowPageAsync(VariableSetResource.View(Sort.Sort(sets.AsNoTracking(), context.Request), db), context);
    }

    /// <summary>Without those that come from elsewhere.</summary>
    private static bool IsOwned(HttpRequest request) => request.Query["scope"] == "owned";

    private static async Task<IResult> CreateAsync(
        string organization, HttpContext context, OrchestratorDbContext db, VariableSets sets, VariableSetResource resources,
        CancellationToken cancellationToken)
    {
        var found = await db.OrganizationAsync(organization, cancellationToken);
        var body = await context.Request.ReadResourceAsync<VariableSetRequest>();
        var created = await sets.CreateAsync(found.Id, Parent(body, organization), Read(body), cancellationToken);
        return await resources.ShowNewAsync(new VariableSetView(OrThrow(created), organization), context);
    }

    private static async Task<IResult> UpdateAsync(
        string id, HttpContext context, OrchestratorDbContext db, VariableSets sets, VariableSetResource resources, CancellationToken cancellationToken)
    {
        var set = new VariableSetId(id);
        var view = await VariableSetResource.View(db.VariableSets.AsNoTracking().Where(row => row.Id == set), db).FirstOrDefaultAsync(cancellationToken)
            ?? throw ApiProblem.NotFound();
        var body = await context.Request.ReadResourceAsync<VariableSetRequest>();
        if (body.RelatedId("parent") is not null && Parent(body, view.Organization) != view.Set.ProjectId)
        {
            throw ApiProblem.InvalidRelationship("parent", "A set stays with the organization or the project that it was made for.");
        }
        var updated = await sets.UpdateAsync(set, Read(body), cancellationToken);
        return await resources.ShowAsync(view with { Set = OrThrow(updated) }, context);
    }

    /// <summary>The project that is to own the set; null for the organisation.</summary>
    private static ProjectId? Parent(RequestResource<VariableSetRequest> body, string organization) => body.RelatedId("parent") switch
    {
        null => null,
        { } id when Identifier.TryParse<ProjectId>(id, out var project) => project,
        { } id when id == organization => null,
        _ => throw ApiProblem.InvalidRelationship("parent", "A set belongs to the organization, by its name, or to one of its projects, by its id."),
    };

    private static VariableSetEdit Read(RequestResource<VariableSetRequest> body)
    {
        var wanted = body.Attributes!;
        return new VariableSetEdit
        {
            Name = wanted.Name.IsSet ? wanted.Name.Value ?? "" : null,
            Description = wanted.Description.IsSet ? wanted.Description.Value ?? "" : null,
            Global = wanted.Global,
            Priority = wanted.Priority,
            Workspaces = body.RelatedItems<NoAttributes>("workspaces")?.Select((item, index) => new WorkspaceId(Id(item, "workspaces", index))).Distinct().ToArray(),
            Projects = body.RelatedItems<NoAttributes>("projects")?.Select((item, index) => new ProjectId(Id(item, "projects", index))).Distinct().ToArray(),
            Variables = body.RelatedItems<VariableRequest>("vars")?.Select(item => new VariableSetMember(
                item.Id is { } id ? new VariableId(id) : null,
                item.Attributes is { } attributes ? attributes.ToEdit : null)).ToArray(),
        };
    }

    private static string Id(RequestItem<NoAttributes> item, string relation, int index) =>
        item.Id ?? throw ApiProblem.InvalidRelationship($"{relation}/data/{index}", "It has no id.");

    private static VariableSet OrThrow(VariableSetResult result) => result.Set ?? throw (result.Refusal switch
    {
        null => ApiProblem.NotFound(),
        { Field: "parent" or "workspaces" or "projects" or "vars" } refusal => ApiProblem.InvalidRelationship(refusal.Field, refusal.Reason),
        { } refusal when refusal.Field.Split('/') is ["vars", var index, .. var attribute] => ApiProblem.InvalidRelationship(
            $"vars/data/{index}{string.Concat(attribute.Select(name => $"/attributes/{name}"))}", refusal.Reason),
        { } refusal => ApiProblem.Invalid(refusal.Field, refusal.Reason),
    });
}
