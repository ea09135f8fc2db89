using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

public enum SignInEventKind
{
    SignedIn,

    /// <summary>What was shown proves nothing: a wrong password, a used link, a code of yesterday.</summary>
    Refused,

    /// <summary>Too many tries have failed; the account takes no password for a while.</summary>
    Locked,

    SignedOut,

    /// <summary>Sessions were ended from another one.</summary>
    SessionsEnded,

    PasswordSet,
    AuthenticatorAdded,
    AuthenticatorRemoved,
    RecoveryCodesMade,
    PasskeyAdded,
    PasskeyRemoved,

    /// <summary>The company's sign-in leads to the account from now on.</summary>
    CompanyConnected,
    CompanyDisconnected,
    Invited,
    InvitationAccepted,
}

/// <summary>Where a browser is, as far as it says.</summary>
public sealed record SignInOrigin(string? Address, string? UserAgent)
{
    public static readonly SignInOrigin Unknown = new(null, null);
}

/// <summary>Something about how people get in. It never holds what they typed: people type passwords where names belong.</summary>
/// <param name="User">Whose account it is; null when no account was meant that exists.</param>
/// <param name="Name">The account's username.</param>
/// <param name="Method">By what; null when it is no sign-in.</param>
/// <param name="Detail">For readers of the record, such as the organisation of an invitation.</param>
public sealed record SignInEvent(
    SignInEventKind Kind, UserId? User, string? Name, SignInMethod? Method, SignInOrigin Origin, DateTimeOffset At, string? Detail = null);

/// <summary>Whoever wants to know about sign-ins registers one of these.</summary>
public interface ISignInObserver
{
    /// <summary>Called after it has happened and is stored. An exception ends the request, so what must be recorded is.</summary>
    ValueTask ObserveAsync(SignInEvent happened, CancellationToken cancellationToken);
}
