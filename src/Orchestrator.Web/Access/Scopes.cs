using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Api;

namespace Orchestrator.Web.Access;

/// <summary>Finds where a route leads; null when there is nothing of that name or id.</summary>
internal delegate Task<Scope?> ScopeFinder(OrchestratorDbContext db, RouteValueDictionary values, CancellationToken cancellationToken);

/// <summary>The kinds of things that routes are about, by how the routes begin. A new kind is one more line.</summary>
internal static class Scopes
{
    private static readonly CompiledQuery<WorkspaceId, Scope> Workspaces = new((db, id) =>
        from workspace in db.Workspaces where workspace.Id == id select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id));

    private static readonly CompiledQuery<ProjectId, Scope> Projects = new((db, id) =>
        from project in db.Projects where project.Id == id select new Scope(project.OrganizationId, project.Id, null));

    private static readonly CompiledQuery<TeamId, Scope> Teams = new((db, id) =>
        from team in db.Teams.AsNoTracking() where team.Id == id select new Scope(team.OrganizationId, null, null) { Team = team });

    private static readonly CompiledQuery<string, Scope> Organizations = new((db, name) =>
        from organization in db.Organizations where organization.Name == name select new Scope(organization.Id, null, null));

    private static readonly CompiledQuery<string, string, Scope> WorkspacesByName = new((db, owner, name) =>
        from workspace in db.Workspaces
        join organization in db.Organizations on workspace.OrganizationId equals organization.Id
        where organization.Name == owner && workspace.Name == name
        select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id));

    /// <summary>A workspace that is to be shown is found once: for what the caller may do with it, and for the answer.</summary>
    public static readonly ScopeFinder ShownWorkspace = async (db, values, cancellationToken) =>
        Identifier.TryParse<WorkspaceId>(values["id"] as string, out var id)
            ? Of(await WorkspaceView.FindAsync(db, id, cancellationToken))
            : null;

    /// <inheritdoc cref="ShownWorkspace"/>
    public static readonly ScopeFinder ShownWorkspaceByName = async (db, values, cancellationToken) =>
        Of(await WorkspaceView.FindAsync(db, (string)values["organization"]!, (string)values["name"]!, cancellationToken));

    /// <inheritdoc cref="ShownWorkspace"/>
    public static readonly ScopeFinder ShownState = async (db, values, cancellationToken) =>
        Identifier.TryParse<StateVersionId>(values["id"] as string, out var id)
            ? Of(await StateVersionView.FindAsync(db, id, cancellationToken))
            : null;

    /// <inheritdoc cref="ShownWorkspace"/>
    public static readonly ScopeFinder ShownCurrentState = async (db, values, cancellationToken) =>
        Identifier.TryParse<WorkspaceId>(values["id"] as string, out var id)
            // A workspace without a state is there all the same, and what it answers tells clients how often they may store one.
            ? Of(await StateVersionView.FindCurrentAsync(db, id, cancellationToken)) ?? await Workspaces.FirstOrDefaultAsync(db, id, cancellationToken)
            : null;

    /// <summary>A state whose document can be fetched.</summary>
    public static readonly ScopeFinder FinalizedState = OfId<StateVersionId>((db, id) =>
        from version in db.StateVersions
        join workspace in db.Workspaces on version.WorkspaceId equals workspace.Id
        where version.Id == id && version.Status == StateVersionStatus.Finalized
        select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id));

    private static readonly ScopeFinder OfOrganization = (db, values, cancellationToken) =>
        Organizations.FirstOrDefaultAsync(db, (string)values["organization"]!, cancellationToken);

    private static readonly ScopeFinder OfRun = OfId<RunId>((db, id) =>
        from run in db.Runs
        join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
        where run.Id == id
        select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id) { Run = run.Id });

    private static readonly ScopeFinder OfSet = OfId<VariableSetId>((db, id) =>
        from set in db.VariableSets where set.Id == id select new Scope(set.OrganizationId, set.ProjectId, null));

    private static readonly ScopeFinder OfNamedWorkspace = (db, values, cancellationToken) =>
        WorkspacesByName.FirstOrDefaultAsync(db, (string)values["organization"]!, (string)values["workspace"]!, cancellationToken);

    private static readonly Kind[] Kinds =
    [
        // Pages. The rights that count are those in what the address names, so all that it names has to belong together.
        new("app/{organization}", OfOrganization),
        new("app/{organization}/settings/variable-sets/{id}", Within(OfOrganization, OfSet, (outer, set) => outer.Organization == set.Organization)),
        new("app/{organization}/settings/teams/{team}", InOrganization("team", OfId(Teams))),
        new("app/{organization}/settings/projects/{project}", InOrganization("project", OfId(Projects))),
        new("app/{organization}/{workspace}", OfNamedWorkspace),
        new("app/{organization}/workspaces/{workspace}", OfNamedWorkspace),
        new("app/{organization}/{workspace}/runs/{run}", RunWithin(OfNamedWorkspace)),
        new("app/{organization}/workspaces/{workspace}/runs/{run}", RunWithin(OfNamedWorkspace)),
        new("app/events/organizations/{organization}", OfOrganization),
        new("app/events/workspaces/{id}", OfId(Workspaces)),
        new("app/events/runs/{id}", OfRun),

        // The API.
        new("organizations/{organization}/workspaces/{name}", (db, values, cancellationToken) =>
            WorkspacesByName.FirstOrDefaultAsync(db, (string)values["organization"]!, (string)values["name"]!, cancellationToken)),
        new("organizations/{organization}", OfOrganization),
        new("projects/{id}", OfId(Projects)),
        new("workspaces/{id}", OfId(Workspaces)),
        new("teams/{id}", OfId(Teams)),
        new("organization-memberships/{id}", OfId<OrganizationMembershipId>((db, id) =>
            from membership in db.OrganizationMemberships where membership.Id == id select new Scope(membership.OrganizationId, null, null))),
        new("team-workspaces/{id}", OfId<TeamWorkspaceAccessId>((db, id) =>
            from access in db.TeamWorkspaceAccesses
            join workspace in db.Workspaces on access.WorkspaceId equals workspace.Id
            where access.Id == id
            select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id))),
        new("team-projects/{id}", OfId<TeamProjectAccessId>((db, id) =>
            from access in db.TeamProjectAccesses
            join project in db.Projects on access.ProjectId equals project.Id
            where access.Id == id
            select new Scope(project.OrganizationId, project.Id, null))),
        new("runs/{id}", OfRun),
        new("comments/{id}", OfId<CommentId>((db, id) =>
            from happening in db.RunEvents
            join run in db.Runs on happening.RunId equals run.Id
            join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
            where happening.CommentId == id
            select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id) { Run = run.Id })),
        new("vars/{id}", OfId<VariableId>((db, id) =>
            from variable in db.Variables
            join workspace in db.Workspaces on variable.WorkspaceId equals workspace.Id
            where variable.Id == id
            select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id))),
        new("varsets/{id}", OfSet),
        new("run-events/{id}", OfId<RunEventId>((db, id) =>
            from happening in db.RunEvents
            join run in db.Runs on happening.RunId equals run.Id
            join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
            where happening.Id == id
            select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id) { Run = run.Id })),
        new("plans/{id}", OfId<PlanId>((db, id) =>
            from plan in db.Plans
            join run in db.Runs on plan.RunId equals run.Id
            join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
            where plan.Id == id
            select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id))),
        new("applies/{id}", OfId<ApplyId>((db, id) =>
            from apply in db.Applies
            join run in db.Runs on apply.RunId equals run.Id
            join workspace in db.Workspaces on run.WorkspaceId equals workspace.Id
            where apply.Id == id
            select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id))),
        new("configuration-versions/{id}", OfId<ConfigurationVersionId>((db, id) =>
            from version in db.ConfigurationVersions
            join workspace in db.Workspaces on version.WorkspaceId equals workspace.Id
            where version.Id == id
            select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id))),
        new("state-versions/{id}", OfId<StateVersionId>((db, id) =>
            from version in db.StateVersions
            join workspace in db.Workspaces on version.WorkspaceId equals workspace.Id
            where version.Id == id
            select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id))),
        new("run-triggers/{id}", OfId<RunTriggerId>((db, id) =>
            from trigger in db.RunTriggers
            join workspace in db.Workspaces on trigger.WorkspaceId equals workspace.Id
            where trigger.Id == id
            select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id))),
        new("notification-configurations/{id}", OfId<NotificationConfigurationId>((db, id) =>
            from configuration in db.NotificationConfigurations
            where configuration.Id == id
            join workspace in db.Workspaces on configuration.WorkspaceId equals workspace.Id into workspaces
            from workspace in workspaces.DefaultIfEmpty()
            join project in db.Projects on configuration.ProjectId ?? workspace.ProjectId equals project.Id
            select new Scope(project.OrganizationId, project.Id, configuration.WorkspaceId))),
        new("tags/{id}", OfId<TagId>((db, id) =>
            from tag in db.WorkspaceTags where tag.TagId == id select new Scope(tag.OrganizationId, null, null))),
        new("reserved-tag-keys/{id}", OfId<ReservedTagKeyId>((db, id) =>
            from reserved in db.ReservedTagKeys where reserved.Id == id select new Scope(reserved.OrganizationId, null, null))),
        new("ssh-keys/{id}", OfId<SshKeyId>((db, id) =>
            from key in db.SshKeys where key.Id == id select new Scope(key.OrganizationId, null, null))),
        new("oauth-clients/{id}", OfId<OAuthClientId>((db, id) =>
            from connection in db.VcsConnections where connection.Id == id select new Scope(connection.OrganizationId, null, null))),
        new("oauth-tokens/{id}", OfId<OAuthTokenId>((db, id) =>
            from connection in db.VcsConnections where connection.TokenId == id select new Scope(connection.OrganizationId, null, null))),
        new("vcs-events/{id}", OfId<VcsDeliveryId>((db, id) =>
            from delivery in db.VcsDeliveries
            join connection in db.VcsConnections on delivery.ConnectionId equals connection.Id
            where delivery.Id == id
            select new Scope(connection.OrganizationId, null, null))),
        new("agent-pools/{id}", OfId<AgentPoolId>((db, id) =>
            from pool in db.AgentPools where pool.Id == id select new Scope(pool.OrganizationId, null, null))),
        new("agents/{id}", OfId<AgentId>((db, id) =>
            from agent in db.Agents
            join pool in db.AgentPools on agent.PoolId equals pool.Id
            where agent.Id == id
            select new Scope(pool.OrganizationId, null, null))),
        new("state-version-outputs/{id}", OfId<StateOutputId>((db, id) =>
            from output in db.StateOutputs
            join version in db.StateVersions on output.StateVersionId equals version.Id
            join workspace in db.Workspaces on version.WorkspaceId equals workspace.Id
            where output.Id == id
            select new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id))),
    ];

    /// <param name="pattern">The route's pattern: a page's, or one of the API from the slash after <c>/api/v2</c>. Pages spell their
    /// parameters with capitals.</param>
    /// <exception cref="ArgumentException">No kind begins so.</exception>
    public static ScopeFinder Of(string pattern)
    {
        var path = pattern.Trim('/');
        // The longest beginning: a workspace by its name stands behind its organisation.
        return Kinds.Where(kind => (path + '/').StartsWith(kind.Pattern + '/', StringComparison.OrdinalIgnoreCase))
            .MaxBy(kind => kind.Pattern.Length)?.Find
            ?? throw new ArgumentException($"Nothing says whose rights count for '{pattern}'. Add its kind to {nameof(Scopes)}.", nameof(pattern));
    }

    public static Task<Scope?> FindAsync(this OrchestratorDbContext db, ProjectId id, CancellationToken cancellationToken) =>
        Projects.FirstOrDefaultAsync(db, id, cancellationToken);

    public static Task<Scope?> FindAsync(this OrchestratorDbContext db, WorkspaceId id, CancellationToken cancellationToken) =>
        Workspaces.FirstOrDefaultAsync(db, id, cancellationToken);

    public static Task<Scope?> FindAsync(this OrchestratorDbContext db, TeamId id, CancellationToken cancellationToken) =>
        Teams.FirstOrDefaultAsync(db, id, cancellationToken);

    private static Scope? Of(WorkspaceView? view) => view is { Workspace: var workspace }
        ? new Scope(workspace.OrganizationId, workspace.ProjectId, workspace.Id) { Shown = view }
        : null;

    private static Scope? Of(StateVersionView? view) => view is null ? null : view.Scope with { ShownState = view };

    private static ScopeFinder Within(ScopeFinder outer, ScopeFinder inner, Func<Scope, Scope, bool> belongs) => async (db, values, cancellationToken) =>
        await outer(db, values, cancellationToken) is { } around && await inner(db, values, cancellationToken) is { } found && belongs(around, found)
            ? found
            : null;

    private static ScopeFinder InOrganization(string parameter, ScopeFinder find) => Within(
        OfOrganization,
        (db, values, cancellationToken) => find(db, new RouteValueDictionary { ["id"] = values[parameter] }, cancellationToken),
        (around, found) => around.Organization == found.Organization);

    private static ScopeFinder RunWithin(ScopeFinder workspace) => Within(
        workspace,
        (db, values, cancellationToken) => OfRun(db, new RouteValueDictionary { ["id"] = values["run"] }, cancellationToken),
        (around, run) => around.Workspace == run.Workspace);

    private static ScopeFinder OfId<TId>(Expression<Func<OrchestratorDbContext, TId, IQueryable<Scope>>> query)
        where TId : struct, IIdentifier<TId> => OfId(new CompiledQuery<TId, Scope>(query));

    private static ScopeFinder OfId<TId>(CompiledQuery<TId, Scope> query) where TId : struct, IIdentifier<TId> => (db, values, cancellationToken) =>
        Identifier.TryParse<TId>(values["id"] as string, out var id)
            ? query.FirstOrDefaultAsync(db, id, cancellationToken)
            : Task.FromResult<Scope?>(null);

    private sealed record Kind(string Pattern, ScopeFinder Find);
}
