using System.Security.Claims;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;

namespace Orchestrator.Web.Access;

/// <summary>Who is calling, as the request has proved it: a person, a team's or organisation's program, or a run's terraform.</summary>
public sealed record Caller(Principal Principal)
{
    /// <summary>Set for a run's terraform alone.</summary>
    public RunToken? RunToken { get; init; }

    /// <summary>The token that proves it; null for a session, a run, and the admin's own token.</summary>
    public ApiTokenId? TokenId { get; init; }

    /// <summary>The session that proves it; null for whoever shows a token.</summary>
    public SessionId? SessionId { get; init; }

    /// <summary>As it is recorded beside what the caller does.</summary>
    public Actor Actor => Principal.Actor;

    public string Name => Principal.Name;

    public bool IsSiteAdmin => Principal.IsSiteAdmin;

    /// <summary>Null when it is no person.</summary>
    public UserId? UserId => Principal.Kind == PrincipalKind.User ? new UserId(Principal.Id) : null;

    public RunId? RunId => RunToken?.RunId;

    public string? RunTokenHash => RunToken?.Hash;

    /// <summary>Keeps a run's terraform to its own workspace, whatever a route may let it in for. Others are judged by the route's rule.</summary>
    public bool MayMeet(WorkspaceId workspace) => RunToken is null || RunToken.WorkspaceId == workspace;

    /// <inheritdoc cref="MayMeet"/>
    public bool MayReadState(WorkspaceId workspace) => MayMeet(workspace) && RunToken is not { MayReadState: false };

    /// <inheritdoc cref="MayReadState"/>
    public bool MayWriteStateOf(WorkspaceId workspace) => MayReadState(workspace) && RunToken is not { MayWriteState: false };

    private const string SessionClaim = "sid";

    /// <exception cref="InvalidOperationException">The route lets in callers who prove nothing.</exception>
    public static Caller Of(HttpContext context) =>
        TryOf(context) ?? throw new InvalidOperationException("Nobody knows who calls: the route asks for no proof.");

    /// <summary>Null when the caller has proved nothing.</summary>
    public static Caller? TryOf(HttpContext context) => (context.User.Identity as CallerIdentity)?.Caller;

    public ClaimsPrincipal ToClaims(string scheme) => new(new CallerIdentity(this, scheme));

    /// <summary>The session that a cookie names, and whose it was; null when it names none.</summary>
    public static KnownSession? SessionOf(ClaimsPrincipal? cookie) =>
        Identifier.TryParse<UserId>(cookie?.FindFirstValue(ClaimTypes.NameIdentifier), out var user)
        && Identifier.TryParse<SessionId>(cookie?.FindFirstValue(SessionClaim), out var session) ? new KnownSession(session, user) : null;

    private sealed class CallerIdentity(Caller caller, string scheme) : ClaimsIdentity(ClaimsOf(caller), scheme)
    {
        public Caller Caller => caller;

        public override ClaimsIdentity Clone() => new CallerIdentity(caller, AuthenticationType!);

        // For the policies of routes, and for what a session's cookie keeps.
        private static Claim[] ClaimsOf(Caller caller) =>
        [
            new Claim(ClaimTypes.NameIdentifier, caller.Principal.Id),
            new Claim(ClaimTypes.Name, caller.Name),
            new Claim(ClaimTypes.Role, caller.IsSiteAdmin ? Rights.Admin : EnumRole(caller.Principal.Kind)),
            .. caller.SessionId is { } session ? [new Claim(SessionClaim, session.Value)] : Array.Empty<Claim>(),
        ];

        private static string EnumRole(PrincipalKind kind) => kind switch
        {
            PrincipalKind.User => Rights.User,
            PrincipalKind.Team => Rights.Team,
            PrincipalKind.Organization => Rights.Organization,
            PrincipalKind.Run => Rights.Run,
        };
    }
}
