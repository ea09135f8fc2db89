using Orchestrator.Data;

namespace Orchestrator.Access;

public enum GroundKind
{
    /// <summary>A site admin has every right everywhere; without a second factor, in every organisation that asks for none.</summary>
    SiteAdmin,

    /// <summary>Belonging to the organisation, by whatever team or none.</summary>
    Membership,

    /// <summary>A team's rights in its whole organisation; the owners' are all there are.</summary>
    Team,

    /// <summary>A team's access to a project, and so to each of its workspaces.</summary>
    Project,

    /// <summary>A team's access to one workspace.</summary>
    Workspace,
}

/// <summary>One reason for which somebody may do something. What they may do is what all their grounds come to: nothing gives a right but
/// a ground.</summary>
public sealed record Ground(GroundKind Kind)
{
    /// <summary>The organisation that <see cref="Whole"/> counts in. Null for a site admin's: in every one.</summary>
    public OrganizationId? Organization { get; init; }

    /// <summary>The team it comes from.</summary>
    public Team? Team { get; init; }

    public ProjectId? Project { get; init; }

    public WorkspaceId? Workspace { get; init; }

    /// <summary>As the API spells the level of access to a project or a workspace.</summary>
    public string? Level { get; init; }

    /// <summary>In the organisation, and in each of its projects and workspaces.</summary>
    public OrganizationRights Whole { get; init; }

    /// <summary>In <see cref="Project"/>, and in each of its workspaces.</summary>
    public ProjectRights InProject { get; init; }

    public WorkspaceRight InWorkspace { get; init; }

    /// <summary>What it gives in a workspace.</summary>
    public WorkspaceRight In(OrganizationId organization, ProjectId project, WorkspaceId workspace) =>
        ((Kind == GroundKind.SiteAdmin && Organization is null) || Organization == organization ? Whole.Workspaces : 0)
        | (Project == project ? InProject.Workspaces : 0)
        | (Workspace == workspace ? InWorkspace : 0);
}
