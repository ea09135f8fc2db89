using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>What a level comes to is told beside it, whether it was chosen or follows.</summary>
public sealed record TeamWorkspaceAttributes(
    string Access, string Runs, string Variables, string StateVersions, string SentinelMocks, bool WorkspaceLocking, bool RunTasks,
    bool RunWithCredentials);

internal sealed class TeamWorkspaceResource() : ResourceType<TeamWorkspaceAccess, TeamWorkspaceAttributes>(Type)
{
    public const string Type = "team-workspaces";

    protected override IReadOnlyList<Relation<TeamWorkspaceAccess>> Relations { get; } =
    [
        One("team", TeamResource.Type, access => access.TeamId.Value).Includable(),
        One("workspace", WorkspaceResource.Type, access => access.WorkspaceId.Value).Includable(),
    ];

    protected override string IdOf(TeamWorkspaceAccess row) => row.Id.Value;

    protected override IQueryable<TeamWorkspaceAccess> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new TeamWorkspaceAccessId(id)).ToArray();
        return db.TeamWorkspaceAccesses.Where(access => wanted.Contains(access.Id));
    }

    protected override TeamWorkspaceAttributes Show(TeamWorkspaceAccess row, HttpContext context)
    {
        var grant = row.Grant;
        return new TeamWorkspaceAttributes(
            AccessWords.Of(row.Level), AccessWords.Of(grant.Runs), AccessWords.Of(grant.Variables), AccessWords.Of(grant.StateVersions),
            AccessWords.Of(grant.SentinelMocks), grant.Locking, grant.RunTasks,
            AccessRules.Of(grant).HasFlag(WorkspaceRight.RunWithCredentials));
    }
}
