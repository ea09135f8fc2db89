using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.Runs;
using Orchestrator.Web.Pages.Events;

namespace Orchestrator.Web.Pages.Runs;

/// <summary>Gathers what the run's page shows.</summary>
internal sealed partial class RunReader(
    IDbContextFactory<OrchestratorDbContext> databases, IBlobStore blobs, IOptions<RunLimits> limits, TimeProvider clock, ILogger<RunReader> logger)
{
    private const int MaxGrants = 50;

    /// <returns>Null when the workspace has no such run.</returns>
    public async Task<RunDetails?> ReadAsync(string organization, string workspace, string id, ChangeFilter filter, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.FindWorkspaceAsync(organization, workspace, cancellationToken);
        if (found is null || !Identifier.TryParse<RunId>(id, out var runId))
        {
            return null;
        }
        var run = await db.Runs.AsNoTracking().FirstOrDefaultAsync(row => row.Id == runId && row.WorkspaceId == found.Id, cancellationToken);
        if (run is null)
        {
            return null;
        }
        var plan = await db.Plans.AsNoTracking().FirstAsync(row => row.RunId == runId, cancellationToken);
        var apply = await db.Applies.AsNoTracking().FirstAsync(row => row.RunId == runId, cancellationToken);
        var events = await db.HistoryAsync(runId, cancellationToken);
        var grants = await db.CredentialGrants.AsNoTracking().Where(row => row.RunId == runId)
            .OrderBy(row => row.CreatedAt).Take(MaxGrants + 1).ToListAsync(cancellationToken);
        var choices = RunChoices.Of(run, limits.Value, clock.GetUtcNow());
        var details = new RunDetails(
            organization, workspace, run, plan, apply, events, [.. grants.Take(MaxGrants)], choices,
            RunEvents.VersionOf(run, choices, events.Count))
        {
            Filter = filter,
            IsForks = await db.ConfigurationVersions.AnyAsync(row => row.Id == run.ConfigurationVersionId && row.FromFork, cancellationToken),
            HasMoreGrants = grants.Count > MaxGrants,
        };
        return plan.Status == PhaseStatus.Finished ? await WithChangesAsync(details, cancellationToken) : details;
    }

    private async Task<RunDetails> WithChangesAsync(RunDetails details, CancellationToken cancellationToken)
    {
        var json = await blobs.ReadAsync(BlobKey.PlanJson(details.Run.Id), cancellationToken);
        if (json is null or { Length: > PlanChanges.MaxJson })
        {
            return details with { ChangesTooLarge = json is not null };
        }
        try
        {
            return details with { Changes = PlanChanges.Read(json, details.Filter) };
        }
        catch (Exception unexpected) when (unexpected is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            Log.Unreadable(logger, unexpected, details.Run.Id);
            return details;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The plan of run {RunId} has a form that the page cannot show.")]
        public static partial void Unreadable(ILogger logger, Exception exception, RunId runId);
    }
}
