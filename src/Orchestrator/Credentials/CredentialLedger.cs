using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Audit;

namespace Orchestrator.Credentials;

/// <summary>Keeps what was minted and exchanged. An entry is only ever added; only <see cref="LedgerSweep"/> removes old ones.</summary>
public sealed class CredentialLedger(IDbContextFactory<OrchestratorDbContext> databases, Instruments instruments)
{
    private readonly Histogram<double> _exchanges = instruments.Seconds(
        "orchestrator.exchange.duration", "How long clouds took to give credentials for a token, or to refuse them.", 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30);

    public async Task RecordAsync(CredentialGrant grant, CancellationToken cancellationToken)
    {
        if (grant.ExchangeMilliseconds is { } milliseconds)
        {
            _exchanges.Record(
                milliseconds / 1000.0, KeyValuePair.Create<string, object?>("cloud", grant.Provider),
                KeyValuePair.Create<string, object?>("outcome", grant.ErrorCode is null ? "granted" : "refused"));
        }
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
