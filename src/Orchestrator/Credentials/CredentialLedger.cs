using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Audit;

namespace Orchestrator.Credentials;

/// <summary>Keeps what was minted and exchanged. An entry is only ever added; only <see cref="LedgerSweep"/> removes old ones.</summary>
public sealed class CredentialLedger(IDbContextFactory<OrchestratorDbContext> databases)
{
    public async Task RecordAsync(CredentialGrant grant, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.CredentialGrants.Add(grant);
        // The audit trail says that there was one; what it was stands here.
        db.AuditWaiting.Add(AuditWaiting.Of(AuditRecord.OfPlatform(
            grant.CreatedAt, "mint", "credential_grant", grant.Id.Value,
            grant.ErrorCode is null ? AuditOutcome.Succeeded : AuditOutcome.Refused) with
        {
            OrganizationId = grant.OrganizationId,
            WorkspaceId = grant.WorkspaceId,
            Detail = AuditDetail.Of(("run", grant.RunId?.Value), ("phase", grant.Phase), ("provider", grant.Provider), ("tag", grant.Tag)),
        }));
        await db.SaveChangesAsync(cancellationToken);
    }
}
