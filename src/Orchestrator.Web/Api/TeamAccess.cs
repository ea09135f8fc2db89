using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>What giving a team access to a workspace and to a project have in common.</summary>
internal static class TeamAccess
{
    /// <summary>The caller in front of a workspace that the request names in its query or body; null when there is none.</summary>
    public static async Task<Admission?> StandBeforeAsync(this OrchestratorDbContext db, string workspace, HttpContext context) =>
        Identifier.TryParse<WorkspaceId>(workspace, out var id) && await db.FindAsync(id, context.RequestAborted) is { } scope
            ? Admission.Of(context).At(scope)
            : null;

    /// <inheritdoc cref="StandBeforeAsync"/>
    public static async Task<Admission?> StandBeforeProjectAsync(this OrchestratorDbContext db, string project, HttpContext context) =>
        Identifier.TryParse<ProjectId>(project, out var id) && await db.FindAsync(id, context.RequestAborted) is { } scope
            ? Admission.Of(context).At(scope)
            : null;

    /// <exception cref="ApiProblem">The caller sees no such team in the organisation, or it is the owners', who have everything.</exception>
    public static async Task<Team> TeamToGiveToAsync(
        this OrchestratorDbContext db, string? id, Admission here, CancellationToken cancellationToken)
    {
        var team = Identifier.TryParse<TeamId>(id, out var wanted)
            ? await db.Teams.AsNoTracking().FirstOrDefaultAsync(
                row => row.Id == wanted && row.OrganizationId == here.Scope.Organization, cancellationToken)
            : null;
        return team is { IsOwners: false } && here.Of(team).HasFlag(TeamRight.See)
            ? team
            : throw ApiProblem.InvalidRelationship("team", "Name a team of the organization that is not its owners.");
    }

    public static async Task<HashSet<TeamId>> SeenTeamsAsync(
        this OrchestratorDbContext db, IEnumerable<TeamId> teams, Admission here, CancellationToken cancellationToken)
    {
        TeamId[] wanted = [.. teams];
        var found = await db.Teams.AsNoTracking().Where(team => wanted.Contains(team.Id)).ToListAsync(cancellationToken);
        return [.. found.Where(team => here.Of(team).HasFlag(TeamRight.See)).Select(team => team.Id)];
    }
}
