using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>How documents name whoever did something.</summary>
internal static class People
{
    public const string Type = "users";

    /// <summary>As a user, whoever it was: teams and organisations have one who acts for their tokens.</summary>
    public static Relationship Relation(string? actor) => Relationship.One(Type, ServiceUsers.UserIdOf(actor));

    /// <summary>Who holds a lock: a user, or a team.</summary>
    public static Relationship Holder(string? actor) =>
        actor is not null && IsTeam(actor) ? Relationship.One("teams", actor) : Relation(actor);

    /// <summary>In the words by which clients tell holders of a lock apart.</summary>
    public static string KindOf(string? holder) => holder switch
    {
        not null when holder.StartsWith(RunId.Prefix, StringComparison.Ordinal) => "Run",
        not null when IsTeam(holder) => "Team",
        _ => "User",
    };

    private static bool IsTeam(string actor) => actor.StartsWith(TeamId.Prefix, StringComparison.Ordinal);
}
