using Orchestrator.Data;

namespace Orchestrator.Access;

public enum PrincipalKind
{
    /// <summary>A person, by a session or by a token of their own.</summary>
    User,

    /// <summary>A program with a team's token.</summary>
    Team,

    /// <summary>A program with an organisation's token.</summary>
    Organization,

    /// <summary>A run's terraform.</summary>
    Run,
}

/// <summary>On whose behalf something is asked. What they may do is looked up each time, so a right that is taken away is gone.</summary>
/// <param name="Id">The user's, team's, organisation's or run's id.</param>
/// <param name="Name">For the records: a username, <c>api-team_…</c>, <c>api-org-…</c>, or the run's id.</param>
public sealed record Principal(PrincipalKind Kind, string Id, string Name)
{
    /// <summary>Only a person can be one.</summary>
    public bool IsSiteAdmin { get; init; }

    /// <summary>Has shown the installation's own token, which opens everything, whatever holds for the person whose it is.</summary>
    public bool HoldsKey { get; init; }

    public Actor Actor => new(Id, Name);

    public static Principal Of(User user) => new(PrincipalKind.User, user.Id.Value, user.Username) { IsSiteAdmin = user.IsSiteAdmin };

    public static Principal Of(TeamId team) => new(PrincipalKind.Team, team.Value, ServiceUsers.NameOf(team));

    public static Principal Of(OrganizationId organization, string name) =>
        new(PrincipalKind.Organization, organization.Value, ServiceUsers.NameOf(name));

    public static Principal Of(RunToken token) => new(PrincipalKind.Run, token.RunId.Value, token.RunId.Value);
}
