using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

/// <param name="Rights">All that the grounds give together.</param>
public sealed record EffectiveAccessAttributes(string WorkspaceName, IReadOnlyList<string> Rights, IReadOnlyList<AccessGroundAttributes> Grounds);

/// <param name="Kind"><c>site_admin</c>, <c>membership</c>, <c>team</c> (rights in the whole organisation), <c>project</c> or <c>workspace</c>.</param>
/// <param name="TeamId">The team that it comes from; null for a site admin's, and for what every member has.</param>
/// <param name="Access">The level of access to the project or the workspace, such as <c>write</c>; null for others.</param>
/// <param name="Rights">What this ground gives.</param>
public sealed record AccessGroundAttributes(string Kind, string? TeamId, string? TeamName, string? Access, IReadOnlyList<string> Rights);

/// <summary>What a member may do in each workspace, and why: an addition of this server.</summary>
internal static class MemberAccessApi
{
    public const string Type = "effective-access";

    public static void MapMemberAccess(this IEndpointRouteBuilder api) => api.MapGet(
        "/organization-memberships/{id}/effective-access",
        async (string id, HttpContext context, Admission admission, OrchestratorDbContext db, Standings standings, CancellationToken cancellationToken) =>
        {
            var paging = Paging.Of(context.Request);
            var membership = await db.OrganizationMemberships.FindAsync([new OrganizationMembershipId(id)], cancellationToken);
            return membership?.UserId is { } user
                && await MemberAccess.FindAsync(db, standings, admission.Scope.Organization, user, admission.Standing, cancellationToken) is { } access
                ? await paging.AnswerAsync(access.Workspaces, workspace => Map(workspace, access.In(workspace)), context.Request)
                : throw ApiProblem.NotFound();
        })
        .Needs(OrganizationRight.ManageMembership | OrganizationRight.SeeSecretTeams)
        .WithSummary("List what a member may do in each workspace, and what gives it").ReturnsPage<EffectiveAccessAttributes>(Type);

    private static Resource<EffectiveAccessAttributes> Map(Workspace workspace, IReadOnlyList<(Ground Ground, WorkspaceRight Gives)> grounds) => new(
        workspace.Id.Value, Type, new EffectiveAccessAttributes(
            workspace.Name,
            Words(grounds.Aggregate(WorkspaceRight.None, (sum, row) => sum | row.Gives)),
            [.. grounds.Select(row => new AccessGroundAttributes(
                EnumText.Of(row.Ground.Kind), row.Ground.Team?.Id.Value, row.Ground.Team?.Name, row.Ground.Level, Words(row.Gives)))]))
        {
            Relationships = new Dictionary<string, Relationship> { ["workspace"] = Relationship.One(WorkspaceResource.Type, workspace.Id.Value) },
        };

    private static IReadOnlyList<string> Words(WorkspaceRight rights) =>
    [
        .. Enum.GetValues<WorkspaceRight>()
            .Where(right => right is not (WorkspaceRight.None or WorkspaceRight.All) && rights.HasFlag(right))
            .Select(EnumText.Of),
    ];
}
