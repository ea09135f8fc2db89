using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Credentials;

/// <summary>Keeps what was minted and exchanged. An entry is only ever added; only <see cref="LedgerSweep"/> removes old ones.</summary>
public sealed class CredentialLedger(IDbContextFactory<OrchestratorDbContext> databases)
{
    public async Task RecordAsync(CredentialGrant grant, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.CredentialGrants.Add(grant);
        await db.SaveChangesAsync(cancellationToken);
    }
}
