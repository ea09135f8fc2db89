using Microsoft.Extensions.Logging;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>Tells the log, and all who observe, what happens at the door.</summary>
public sealed partial class SignInEvents(
    IEnumerable<ISignInObserver> observers, Principals people, TimeProvider clock, ILogger<SignInEvents> logger)
{
    public async ValueTask RaiseAsync(
        SignInEventKind kind, UserId? user, SignInOrigin origin, CancellationToken cancellationToken, SignInMethod? method = null, string? detail = null)
    {
        var name = user is { } id ? (await people.FindAsync(id, cancellationToken))?.Name : null;
        var happened = new SignInEvent(kind, user, name, method, origin, clock.GetUtcNow(), detail);
        Log.Happened(logger, kind, name ?? "nobody known", method, origin.Address ?? "an unknown address");
        foreach (var observer in observers)
        {
            await observer.ObserveAsync(happened, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Kind}: {Name}, {Method}, from {Address}.")]
        public static partial void Happened(ILogger logger, SignInEventKind kind, string name, SignInMethod? method, string address);
    }
}
