using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Api;

namespace Orchestrator.Web.Access;

/// <summary>Where a route leads: what it names exists, and this is what it belongs to.</summary>
/// <remarks>What is not on the way is null: an organisation has no workspace.</remarks>
public sealed record Scope(OrganizationId Organization, ProjectId? Project = null, WorkspaceId? Workspace = null)
{
    /// <summary>For a route that leads nowhere in particular.</summary>
    public static readonly Scope Nowhere = new(default(OrganizationId));

    /// <summary>For a route that leads to a run.</summary>
    public RunId? Run { get; init; }

    /// <summary>For a route that leads to a team.</summary>
    public Team? Team { get; init; }

    /// <summary>For a route that shows a workspace.</summary>
    public WorkspaceView? Shown { get; init; }

    /// <summary>For a route that shows a state version.</summary>
    public StateVersionView? ShownState { get; init; }
}
