using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Access;

/// <summary>That a caller was let in: who it is, where the route leads, and what the caller may do, there and elsewhere. A handler of
/// the API takes it as a parameter.</summary>
internal sealed class Admission(Caller caller, Standing standing, Scope scope)
{
    private readonly Dictionary<WorkspaceId, WorkspaceRight> _located = [];

    public Caller Caller => caller;

    public Standing Standing => standing;

    public Scope Scope => scope;

    public OrganizationRight OrganizationRights => Standing.In(Scope.Organization);

    public ProjectRight ProjectRights => Scope.Project is { } project ? Standing.In(Scope.Organization, project) : ProjectRight.None;

    public WorkspaceRight WorkspaceRights => Scope is { Project: { } project, Workspace: { } workspace }
        ? Standing.In(Scope.Organization, project, workspace)
        : WorkspaceRight.None;

    public TeamRight TeamRights => Scope.Team is { } team ? Of(team) : TeamRight.None;

    public bool May(OrganizationRight right) => OrganizationRights.HasFlag(right);

    public bool May(ProjectRight right) => ProjectRights.HasFlag(right);

    public bool May(WorkspaceRight right) => WorkspaceRights.HasFlag(right);

    public bool May(TeamRight right) => TeamRights.HasFlag(right);

    public TeamRight Of(Team team) => AccessRules.Of(team, Standing, Caller.Principal.Kind == PrincipalKind.User);

    /// <summary>The same caller in front of something else, which the route does not name.</summary>
    public Admission At(Scope scope) => new(Caller, Standing, scope);

    /// <summary>Finds out what the caller may do with workspaces that the route does not name, with one query for all.</summary>
    public async Task LocateAsync(OrchestratorDbContext db, IEnumerable<WorkspaceId> workspaces, CancellationToken cancellationToken)
    {
        WorkspaceId[] unknown = [.. workspaces.Distinct().Where(id => id != Scope.Workspace && !_located.ContainsKey(id))];
        if (unknown.Length == 0 || Standing.IsEverywhere)
        {
            return;
        }
        var found = await db.Workspaces.Where(row => unknown.Contains(row.Id))
            .Select(row => new { row.Id, row.OrganizationId, row.ProjectId })
            .ToListAsync(cancellationToken);
        foreach (var row in found)
        {
            _located[row.Id] = Standing.In(row.OrganizationId, row.ProjectId, row.Id);
        }
    }

    /// <summary>What the caller may do with a workspace that the route names, or that was located before.</summary>
    public WorkspaceRight In(WorkspaceId workspace) =>
        workspace == Scope.Workspace ? WorkspaceRights
        : Standing.IsEverywhere ? WorkspaceRight.All
        : _located.GetValueOrDefault(workspace);

    /// <exception cref="ApiProblem">The caller may not; the answer is as if there were nothing.</exception>
    public void Require(WorkspaceRight right) => Require(May(right));

    /// <inheritdoc cref="Require(WorkspaceRight)"/>
    public void Require(ProjectRight right) => Require(May(right));

    /// <inheritdoc cref="Require(WorkspaceRight)"/>
    public void Require(OrganizationRight right) => Require(May(right));

    /// <exception cref="InvalidOperationException">Nobody was let in here: the route says nothing about rights.</exception>
    public static Admission Of(HttpContext context) => context.Features.Get<Admission>()
        ?? throw new InvalidOperationException($"The route {context.GetEndpoint()?.DisplayName} does not say what it needs.");

    public static ValueTask<Admission?> BindAsync(HttpContext context) => ValueTask.FromResult<Admission?>(Of(context));

    private static void Require(bool allowed)
    {
        if (!allowed)
        {
            throw ApiProblem.Refused();
        }
    }
}
