using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>Tells who somebody is who is known by an account, not by a token.</summary>
public sealed class Principals(IDbContextFactory<OrchestratorDbContext> databases, AccessCache cache)
{
    /// <returns>Null when the account is gone, or disabled.</returns>
    public ValueTask<Principal?> FindAsync(UserId id, CancellationToken cancellationToken) =>
        cache.GetAsync($"user:{id}", token => LoadAsync(id, token), cancellationToken);

    private async Task<Principal?> LoadAsync(UserId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Users.AsNoTracking().FirstOrDefaultAsync(user => user.Id == id && user.DisabledAt == null, cancellationToken) is { } user ? Principal.Of(user) : null;
    }
}
