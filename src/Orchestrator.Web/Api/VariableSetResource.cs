using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record VariableSetAttributes(
    string Name, string Description, bool Global, bool Priority, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    int VarCount, int WorkspaceCount, int ProjectCount, VariableSetPermissions Permissions);

public sealed record VariableSetPermissions(bool CanUpdate);

/// <summary>A set with what its document also names.</summary>
public sealed record VariableSetView(VariableSet Set, string Organization)
{
    public IReadOnlyList<string> Variables { get; set; } = [];

    public IReadOnlyList<string> Workspaces { get; set; } = [];

    public IReadOnlyList<string> Projects { get; set; } = [];
}

internal sealed class VariableSetResource() : ResourceType<VariableSetView, VariableSetAttributes>(Type)
{
    public const string Type = "varsets";

    protected override IReadOnlyList<Relation<VariableSetView>> Relations { get; } =
    [
        One("organization", OrganizationResource.Type, view => view.Organization).Includable(),
        Either("parent", [OrganizationResource.Type, ProjectResource.Type], view => view.Set.ProjectId is { } project
            ? Relationship.One(ProjectResource.Type, project.Value)
            : Relationship.One(OrganizationResource.Type, view.Organization)).Includable(),
        Many("vars", VariableResource.Type, view => view.Variables).Includable(),
        Many("workspaces", WorkspaceResource.Type, view => view.Workspaces).Includable(),
        Many("projects", ProjectResource.Type, view => view.Projects).Includable(),
        Many("stacks", "stacks", _ => []).Includable(),
    ];

    protected override string IdOf(VariableSetView row) => row.Set.Id.Value;

    protected override IQueryable<VariableSetView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new VariableSetId(id)).ToArray();
        return View(db.VariableSets.Where(set => wanted.Contains(set.Id)), db);
    }

    protected override async Task GatherAsync(IReadOnlyList<VariableSetView> rows, HttpContext context)
    {
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        var ids = rows.Select(view => view.Set.Id).ToArray();
        var variables = (await db.Variables
            .Where(variable => ids.Contains(variable.VariableSetId!.Value))
            .OrderBy(variable => variable.Category).ThenBy(variable => variable.Key)
            .Select(variable => new { Set = variable.VariableSetId!.Value, variable.Id })
            .ToListAsync(context.RequestAborted)).ToLookup(row => row.Set, row => row.Id.Value);
        var workspaces = (await db.AssignedWorkspaces(ids)
            .Select(pair => new { Set = pair.VariableSetId, Id = pair.WorkspaceId })
            .ToListAsync(context.RequestAborted)).ToLookup(row => row.Set, row => row.Id.Value);
        var projects = (await db.VariableSetProjects
            .Where(assigned => ids.Contains(assigned.VariableSetId))
            .OrderBy(assigned => assigned.ProjectId)
            .Select(assigned => new { Set = assigned.VariableSetId, Id = assigned.ProjectId })
            .ToListAsync(context.RequestAborted)).ToLookup(row => row.Set, row => row.Id.Value);
        foreach (var view in rows)
        {
            view.Variables = [.. variables[view.Set.Id]];
            view.Workspaces = [.. workspaces[view.Set.Id]];
            view.Projects = [.. projects[view.Set.Id]];
        }
    }

    protected override VariableSetAttributes Show(VariableSetView row, HttpContext context) => new(
        row.Set.Name, row.Set.Description ?? "", row.Set.Global, row.Set.Priority, row.Set.CreatedAt, row.Set.UpdatedAt,
        row.Variables.Count, row.Workspaces.Count, row.Projects.Count, new VariableSetPermissions(MayUpdate(row.Set, Admission.Of(context).Standing)));

    private static bool MayUpdate(VariableSet set, Standing standing) => set.ProjectId is { } project
        ? standing.In(set.OrganizationId, project).HasFlag(ProjectRight.ManageVarsets)
        : standing.In(set.OrganizationId).HasFlag(OrganizationRight.ManageVarsets);

    public static IQueryable<VariableSetView> View(IQueryable<VariableSet> sets, OrchestratorDbContext db) =>
        from set in sets
        join organization in db.Organizations on set.OrganizationId equals organization.Id
        select new VariableSetView(set, organization.Name);
}
