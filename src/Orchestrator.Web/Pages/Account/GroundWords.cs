using Orchestrator.Access;

namespace Orchestrator.Web.Pages.Account;

/// <summary>The reasons for which somebody may do something, in words.</summary>
internal static class GroundWords
{
    /// <param name="project">The name of the workspace's project.</param>
    public static string Of(Ground ground, string project) => ground switch
    {
        { Kind: GroundKind.SiteAdmin } => "a site admin may do everything",
        { Kind: GroundKind.Team, Team.IsOwners: true } => "owns the organization",
        { Kind: GroundKind.Team, Team: { } team } => $"{team.Name} has rights in the whole organization",
        { Kind: GroundKind.Project, Team: { } team } => $"{team.Name} has {ground.Level} access to the project {project}",
        { Kind: GroundKind.Workspace, Team: { } team } => $"{team.Name} has {ground.Level} access to the workspace",
        _ => "belongs to the organization",
    };
}
