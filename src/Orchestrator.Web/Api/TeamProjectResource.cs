using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>What a level comes to is told beside it, whether it was chosen or follows.</summary>
public sealed record TeamProjectAttributes(string Access, ProjectAccessAttributes ProjectAccess, WorkspaceAccessAttributes WorkspaceAccess);

public sealed record ProjectAccessAttributes(string Settings, string Teams, string VariableSets);

public sealed record WorkspaceAccessAttributes(
    string Runs, string SentinelMocks, string StateVersions, string Variables, bool Create, bool Locking, bool Move, bool Delete, bool RunTasks,
    bool RunWithCredentials);

internal sealed class TeamProjectResource() : ResourceType<TeamProjectAccess, TeamProjectAttributes>(Type)
{
    public const string Type = "team-projects";

    protected override IReadOnlyList<Relation<TeamProjectAccess>> Relations { get; } =
    [
        One("team", TeamResource.Type, access => access.TeamId.Value).Includable(),
        One("project", ProjectResource.Type, access => access.ProjectId.Value).Includable(),
    ];

    protected override string IdOf(TeamProjectAccess row) => row.Id.Value;

    protected override IQueryable<TeamProjectAccess> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new TeamProjectAccessId(id)).ToArray();
        return db.TeamProjectAccesses.Where(access => wanted.Contains(access.Id));
    }

    protected override TeamProjectAttributes Show(TeamProjectAccess row, HttpContext context)
    {
        var (project, workspaces) = (row.Grant, row.WorkspacesGrant);
        var each = workspaces.Workspace;
        return new TeamProjectAttributes(
            AccessWords.Of(row.Level),
            new ProjectAccessAttributes(AccessWords.Of(project.Settings), AccessWords.Of(project.Teams), AccessWords.Of(project.VariableSets)),
            new WorkspaceAccessAttributes(
                AccessWords.Of(each.Runs), AccessWords.Of(each.SentinelMocks), AccessWords.Of(each.StateVersions), AccessWords.Of(each.Variables),
                workspaces.Create, each.Locking, workspaces.Move, workspaces.Delete, each.RunTasks,
                AccessRules.Of(each).HasFlag(WorkspaceRight.RunWithCredentials)));
    }
}
