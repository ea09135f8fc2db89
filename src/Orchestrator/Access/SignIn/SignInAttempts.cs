using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

public enum AttemptOutcome
{
    /// <summary>It may be tried.</summary>
    Granted,

    /// <summary>It may be tried, and is the last try: unless it succeeds, the account is locked.</summary>
    Last,

    /// <summary>The account is locked.</summary>
    Locked,
}

/// <summary>Bounds how often somebody may guess at an account, from wherever. A try is counted before it is judged, so that trying many
/// things at the same time wins nothing.</summary>
public sealed class SignInAttempts(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    /// <summary>A tenth of what NIST SP 800-63B (section 3.2.2) bears.</summary>
    public const int Max = 10;

    /// <summary>Long enough against guessing, short enough that locking others out is no sport. Links and passkeys work meanwhile.</summary>
    public static readonly TimeSpan LockTime = TimeSpan.FromMinutes(15);

    /// <summary>Counts a try at the account of somebody who has a password or an authenticator.</summary>
    public async Task<AttemptOutcome> CountAsync(UserId user, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.SignInFactors.Where(row => row.UserId == user && row.LockedUntil <= now)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Attempts, 0).SetProperty(row => row.LockedUntil, (DateTimeOffset?)null), cancellationToken);
        var until = now + LockTime;
        var counted = await db.SignInFactors
            .Where(row => row.UserId == user && row.LockedUntil == null && row.Attempts < Max - 1)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Attempts, row => row.Attempts + 1), cancellationToken);
        if (counted == 1)
        {
            return AttemptOutcome.Granted;
        }
        var last = await db.SignInFactors
            .Where(row => row.UserId == user && row.LockedUntil == null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.Attempts, row => row.Attempts + 1)
                .SetProperty(row => row.LockedUntil, until), cancellationToken);
        return last == 1 ? AttemptOutcome.Last : AttemptOutcome.Locked;
    }

    /// <summary>Takes one try back: it was right, but the sign-in needs more.</summary>
    public async Task ForgiveOneAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.SignInFactors.Where(row => row.UserId == user && row.Attempts > 0)
            .ExecuteUpdateAsync(set => set
                .SetProperty(row => row.Attempts, row => row.Attempts - 1)
                .SetProperty(row => row.LockedUntil, (DateTimeOffset?)null), cancellationToken);
    }

    /// <summary>Takes all back: the person is in.</summary>
    public async Task ForgiveAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.SignInFactors.Where(row => row.UserId == user && row.Attempts > 0)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Attempts, 0).SetProperty(row => row.LockedUntil, (DateTimeOffset?)null), cancellationToken);
    }
}
