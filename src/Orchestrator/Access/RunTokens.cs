using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;

namespace Orchestrator.Access;

/// <summary>Issues the tokens by which a run's terraform reaches its own state, and takes them back.</summary>
public sealed class RunTokens(IDbContextFactory<OrchestratorDbContext> databases, IAnnouncements announcements, TimeProvider clock) : IDisposable
{
    private static readonly CompiledQuery<string, RunToken> ByHash = new((db, hash) => db.RunTokens.AsNoTracking().Where(row => row.Hash == hash));

    // Only of what merely reads: terraform reads its state, and what lies around it, several times in a second.
    private readonly AccessCache _readers = new(announcements, clock, Topic.RunTokens, TimeSpan.FromSeconds(5));

    /// <summary>How a run token begins, so that it is recognised before it is looked up.</summary>
    public const string Prefix = "orun.";

    /// <returns>The token itself; only its hash is kept.</returns>
    public async Task<string> IssueAsync(
        RunId run, WorkspaceId workspace, bool mayWriteState, TimeSpan lifetime, CancellationToken cancellationToken, bool mayReadState = true)
    {
        var token = Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.RunTokens.Add(new RunToken
        {
            Hash = TokenHash.Of(token),
            RunId = run,
            WorkspaceId = workspace,
            MayReadState = mayReadState,
            MayWriteState = mayWriteState && mayReadState,
            ExpiresAt = clock.GetUtcNow() + lifetime,
        });
        await db.SaveChangesAsync(cancellationToken);
        return token;
    }

    /// <returns>Null for a token that was never issued, has expired, or was revoked.</returns>
    public Task<RunToken?> FindAsync(string token, CancellationToken cancellationToken) =>
        FindByHashAsync(TokenHash.Of(token), cancellationToken);

    public async Task<bool> IsAliveAsync(string hash, CancellationToken cancellationToken) =>
        await FindByHashAsync(hash, cancellationToken) is not null;

    public async Task<RunToken?> FindByHashAsync(string hash, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await ByHash.FirstOrDefaultAsync(db, hash, cancellationToken) is { RevokedAt: null } token && token.ExpiresAt > clock.GetUtcNow() ? token : null;
    }

    /// <summary>The same for a request that changes nothing. Another process that does not hear of a revocation goes on for five seconds with what
    /// it knows.</summary>
    public async ValueTask<RunToken?> FindForReadingAsync(string token, CancellationToken cancellationToken)
    {
        var hash = TokenHash.Of(token);
        var known = await _readers.GetAsync(hash, cancel => FindByHashAsync(hash, cancel), cancellationToken);
        return known?.ExpiresAt > clock.GetUtcNow() ? known : null;
    }

    /// <summary>Revokes every token of the run. Returns true when none is alive now.</summary>
    public async Task<bool> RevokeAsync(RunId run, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.RunTokens
            .Where(row => row.RunId == run && row.RevokedAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.RevokedAt, now), cancellationToken);
        await _readers.ForgetAsync();
        return !await db.RunTokens.AnyAsync(row => row.RunId == run && row.RevokedAt == null, cancellationToken);
    }

    public void Dispose() => _readers.Dispose();
}
