namespace Orchestrator.Data.Audit;

/// <summary>Who an entry is about.</summary>
[StoredAsText]
public enum AuditActorKind
{
    /// <summary>A person, by a session or by a token of their own.</summary>
    User,

    /// <summary>A person with all rights.</summary>
    SiteAdmin,

    /// <summary>A program with a team's token.</summary>
    Team,

    /// <summary>A program with an organisation's token.</summary>
    Organization,

    /// <summary>A run's terraform.</summary>
    Run,

    /// <summary>The platform itself: a job, or a rule that somebody has set.</summary>
    Platform,

    /// <summary>Whoever can read the installation's settings and database, by a verb of the program.</summary>
    Console,

    /// <summary>Somebody who has proved nothing, or not enough.</summary>
    Anonymous,
}

[StoredAsText]
public enum AuditOutcome
{
    Succeeded,

    /// <summary>Whoever asked may not, or did not prove who they are.</summary>
    Refused,

    /// <summary>What was asked could not be done; nothing was changed.</summary>
    Failed,
}

/// <summary>What the audit trail keeps of one happening: who, what, when, from where, and how it ended. Never a secret, and never the
/// value of anything that was set.</summary>
public record AuditRecord
{
    public const int MaxWordLength = 64;
    public const int MaxTextLength = 256;
    public const int MaxDetailLength = 1000;

    public AuditEntryId Id { get; init; } = Identifier.New<AuditEntryId>();

    /// <summary>To the millisecond, so that every database gives back what was hashed.</summary>
    public required DateTimeOffset At { get; init; }

    public required AuditActorKind ActorKind { get; init; }

    /// <summary>Null for <see cref="AuditActorKind.Platform"/>, <see cref="AuditActorKind.Console"/> and <see cref="AuditActorKind.Anonymous"/>.</summary>
    public string? ActorId { get; init; }

    /// <summary>The name as it was then.</summary>
    public required string ActorName { get; init; }

    /// <summary>The API token that was used; null for a session, a run's token, a link, and the admin's own token.</summary>
    public ApiTokenId? TokenId { get; init; }

    /// <summary>By what the actor was known: <c>token</c>, <c>session</c>, <c>link</c>; null for the platform.</summary>
    public string? Via { get; init; }

    /// <summary>Null for what concerns the whole installation.</summary>
    public OrganizationId? OrganizationId { get; init; }

    public WorkspaceId? WorkspaceId { get; init; }

    /// <summary>A verb: <c>create</c>, <c>update</c>, <c>delete</c>, <c>download</c>, <c>sign_in</c>, <c>apply</c>, …</summary>
    public required string Action { get; init; }

    /// <summary>One of a kind, as HCP's audit trail names it: <c>workspace</c>, <c>authentication_token</c>, …</summary>
    public required string ResourceType { get; init; }

    public string? ResourceId { get; init; }

    public required AuditOutcome Outcome { get; init; }

    /// <summary>The method and the pattern of the route, never a path: a path may hold a link's proof. Null where no request was.</summary>
    public string? Route { get; init; }

    /// <summary>The HTTP status of the answer.</summary>
    public int? Status { get; init; }

    /// <summary>The address that the request came from.</summary>
    public string? Address { get; init; }

    public string? UserAgent { get; init; }

    /// <summary>As the server's own log names the request.</summary>
    public string? RequestId { get; init; }

    /// <summary>What else is worth knowing, such as the names of the attributes that were set; a flat JSON object of texts, or null.</summary>
    public string? Detail { get; init; }

    /// <summary>What the platform does by itself.</summary>
    public static AuditRecord OfPlatform(
        DateTimeOffset at, string action, string resourceType, string? resourceId, AuditOutcome outcome = AuditOutcome.Succeeded) => new()
        {
            At = at,
            ActorKind = AuditActorKind.Platform,
            ActorName = Actor.Platform.Name,
            Action = action,
            ResourceType = resourceType,
            ResourceId = resourceId,
            Outcome = outcome,
        };

    /// <summary>What somebody does at the machine's own command line, who is known by the system's name for them.</summary>
    public static AuditRecord OfConsole(DateTimeOffset at, string action, string resourceType, string? resourceId) =>
        OfPlatform(at, action, resourceType, resourceId) with { ActorKind = AuditActorKind.Console, ActorName = Environment.UserName };

    /// <summary>The same, with no part longer than its column, and a time that every database keeps exactly.</summary>
    internal AuditRecord Fitted() => this with
    {
        At = DateTimeOffset.FromUnixTimeMilliseconds(At.ToUnixTimeMilliseconds()),
        ActorName = Fit(ActorName, Actor.MaxNameLength)!,
        ActorId = Fit(ActorId, MaxWordLength),
        Via = Fit(Via, MaxWordLength),
        Action = Fit(Action, MaxWordLength)!,
        ResourceType = Fit(ResourceType, MaxWordLength)!,
        ResourceId = Fit(ResourceId, MaxTextLength),
        Route = Fit(Route, MaxTextLength),
        Address = Fit(Address, MaxWordLength),
        UserAgent = Fit(UserAgent, MaxTextLength),
        RequestId = Fit(RequestId, MaxWordLength),
        Detail = Fit(Detail, MaxDetailLength),
    };

    // PostgreSQL takes no NUL, and nobody takes half a surrogate pair.
    private static string? Fit(string? text, int length)
    {
        if (text is null)
        {
            return null;
        }
        var fitted = text.Replace('\0', ' ');
        fitted = fitted.Length <= length ? fitted : fitted[..(char.IsHighSurrogate(fitted[length - 1]) ? length - 1 : length)];
        return Utf8.GetString(Utf8.GetBytes(fitted));
    }

    private static readonly System.Text.Encoding Utf8 = System.Text.Encoding.UTF8;
}
