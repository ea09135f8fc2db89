using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>A session that is alive, and whose.</summary>
public sealed record KnownSession(SessionId Id, UserId User);

/// <summary>Begins sessions, recognises them at every request, and ends them.</summary>
public sealed class Sessions(IDbContextFactory<OrchestratorDbContext> databases, AccessCache cache, TimeProvider clock)
{
    /// <summary>A session that nobody uses ends after this time.</summary>
    public static readonly TimeSpan IdleLifetime = TimeSpan.FromHours(12);

    /// <summary>Every session ends after this time, whoever uses it.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(14);

    public async Task<Session> BeginAsync(UserId user, SignInMethod method, SignInOrigin origin, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var session = new Session
        {
            Id = Identifier.New<SessionId>(),
            UserId = user,
            Method = method,
            Address = Cut(origin.Address, Session.MaxAddressLength),
            UserAgent = Cut(origin.UserAgent, Session.MaxUserAgentLength),
            CreatedAt = now,
            LastSeenAt = now,
        };
        var (idle, old) = (now - IdleLifetime, now - Lifetime);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Sessions.Where(row => row.LastSeenAt <= idle || row.CreatedAt <= old).ExecuteDeleteAsync(cancellationToken);
        db.Sessions.Add(session);
        await db.SaveChangesAsync(cancellationToken);
        return session;
    }

    /// <returns>Null for a session that was ended, or has ended by itself.</returns>
    public async ValueTask<KnownSession?> FindAsync(SessionId id, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (await FindAliveAsync(id, now, cancellationToken) is not { } found)
        {
            return null;
        }
        if (found.Use.IsToBeRecorded(now))
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            await db.Sessions.Where(session => session.Id == id)
                .ExecuteUpdateAsync(set => set.SetProperty(session => session.LastSeenAt, now), cancellationToken);
        }
        return found.Session;
    }

    /// <summary>Whether <see cref="FindAsync"/> would find it. This is no use of it.</summary>
    public async ValueTask<bool> IsAliveAsync(SessionId id, CancellationToken cancellationToken) =>
        await FindAliveAsync(id, clock.GetUtcNow(), cancellationToken) is not null;

    /// <summary>Those of a person that are alive, the last one used first.</summary>
    public IQueryable<Session> Alive(OrchestratorDbContext db, UserId user)
    {
        var (idle, old) = (clock.GetUtcNow() - IdleLifetime, clock.GetUtcNow() - Lifetime);
        return db.Sessions.AsNoTracking()
            .Where(session => session.UserId == user && session.LastSeenAt > idle && session.CreatedAt > old)
            .OrderByDescending(session => session.LastSeenAt).ThenBy(session => session.Id);
    }

    /// <summary>Ends sessions, at once.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> EndAsync(Func<IQueryable<Session>, IQueryable<Session>> which, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var ended = await which(db.Sessions).ExecuteDeleteAsync(cancellationToken);
        await cache.ForgetAsync();
        return ended;
    }

    private async ValueTask<Found?> FindAliveAsync(SessionId id, DateTimeOffset now, CancellationToken cancellationToken) =>
        await cache.GetAsync($"session:{id}", token => LoadAsync(id, token), cancellationToken) is { } found
            && found.Use.LastAt > now - IdleLifetime && found.CreatedAt > now - Lifetime ? found : null;

    private async Task<Found?> LoadAsync(SessionId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Sessions.AsNoTracking().FirstOrDefaultAsync(session => session.Id == id, cancellationToken) is { } row
            ? new Found(new KnownSession(row.Id, row.UserId), row.CreatedAt, new LastUse(row.LastSeenAt))
            : null;
    }

    private static string? Cut(string? text, int length) => text?.Length > length ? text[..length] : text;

    private sealed record Found(KnownSession Session, DateTimeOffset CreatedAt, LastUse Use);
}
