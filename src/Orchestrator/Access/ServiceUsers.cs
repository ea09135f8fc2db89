using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>The API shows whoever did something as a user. For a team's or an organisation's token that is a user who has no account:
/// its id ends as the team's or organisation's does.</summary>
public static class ServiceUsers
{
    public static string NameOf(TeamId team) => $"{Names.ServiceUserPrefix}team_{team.Value[TeamId.Prefix.Length..]}";

    public static string NameOf(string organization) => $"{Names.ServiceUserPrefix}org-{organization}";

    /// <param name="actor">The id of whoever did it.</param>
    /// <returns>Null when that is no user: a run, or the platform itself.</returns>
    public static string? UserIdOf(string? actor) => actor switch
    {
        null => null,
        _ when actor.StartsWith(UserId.Prefix, StringComparison.Ordinal) => actor,
        _ when actor.StartsWith(TeamId.Prefix, StringComparison.Ordinal) => UserId.Prefix + actor[TeamId.Prefix.Length..],
        _ when actor.StartsWith(OrganizationId.Prefix, StringComparison.Ordinal) => UserId.Prefix + actor[OrganizationId.Prefix.Length..],
        _ => null,
    };

    /// <summary>The team and the organisation that such an id may stand for.</summary>
    public static (TeamId Team, OrganizationId Organization) Bearers(UserId id)
    {
        var end = id.Value[Math.Min(UserId.Prefix.Length, id.Value.Length)..];
        return (new TeamId(TeamId.Prefix + end), new OrganizationId(OrganizationId.Prefix + end));
    }
}
