using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Data.Blobs;
using Orchestrator.Data.Secrets;
using Orchestrator.Organizations;
using Orchestrator.RunLogs;
using Orchestrator.States;

namespace Orchestrator.Runs;

/// <summary>What of one kind goes, or would, in an organisation.</summary>
/// <param name="Bytes">Of logs and states as they are read; of plans and configurations as they lie there.</param>
public sealed record RetentionFinding(OrganizationId OrganizationId, string Organization, RetainedKind Kind, int Count, long Bytes, DateTimeOffset? Oldest);

/// <summary>Removes what the policies of the installation and its organisations do not keep: logs, plans, archives of configurations, and documents
/// of states. That there was a run, a version or a state stays known.</summary>
/// <remarks>Never the current state, never anything of a run that is not over, never a configuration that a run could still use. Each thing is claimed
/// by a guarded update before it goes, so any number of processes may sweep at once.</remarks>
public sealed class Retention(
    IDbContextFactory<OrchestratorDbContext> databases, ConfigurationArchival configurations, StateBackingData states, IBlobStore blobs, SecretBox secrets,
    IOptions<RetentionOptions> options, RetentionMetrics metrics, TimeProvider clock)
{
    /// <summary>So much goes before the audit trail is told, and others get at the database.</summary>
    private const int AtOnce = 100;

    /// <summary>The rule that holds in an organisation, by kind.</summary>
    public async Task<IReadOnlyDictionary<RetainedKind, KeptFor>> RulesAsync(OrganizationId organization, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return Effective(await db.RetentionRules.AsNoTracking().Where(rule => rule.OrganizationId == organization).ToListAsync(cancellationToken));
    }

    /// <summary>The dry run: what would go now, and nothing does.</summary>
    /// <param name="only">Null: in all organisations.</param>
    public Task<IReadOnlyList<RetentionFinding>> LookAsync(OrganizationId? only, CancellationToken cancellationToken) =>
        EachAsync(only, (workspace, kind, rule) => CountAsync(workspace, kind, rule, cancellationToken), cancellationToken);

    /// <returns>What has gone.</returns>
    public Task<IReadOnlyList<RetentionFinding>> SweepAsync(OrganizationId? only, CancellationToken cancellationToken) =>
        EachAsync(only, (workspace, kind, rule) => RemoveAsync(workspace, kind, rule, cancellationToken), cancellationToken);

    private async Task<IReadOnlyList<RetentionFinding>> EachAsync(
        OrganizationId? only, Func<Place, RetainedKind, KeptFor, Task<Sum>> work, CancellationToken cancellationToken)
    {
        var findings = new List<RetentionFinding>();
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var organizations = await db.Organizations.AsNoTracking().Where(row => only == null || row.Id == only).OrderBy(row => row.Name)
            .Select(row => new { row.Id, row.Name }).ToListAsync(cancellationToken);
        var own = (await db.RetentionRules.AsNoTracking().Where(rule => only == null || rule.OrganizationId == only).ToListAsync(cancellationToken))
            .ToLookup(rule => rule.OrganizationId);
        foreach (var organization in organizations)
        {
            var rules = Effective(own[organization.Id]).Where(rule => !rule.Value.IsForEver).ToArray();
            var sums = rules.ToDictionary(rule => rule.Key, _ => new Sum(0, 0, null));
            var workspaces = rules.Length == 0
                ? []
                : await db.Workspaces.Where(row => row.OrganizationId == organization.Id).OrderBy(row => row.Id).Select(row => row.Id).ToListAsync(cancellationToken);
            foreach (var workspace in workspaces)
            {
                foreach (var (kind, rule) in rules)
                {
                    sums[kind] = sums[kind].And(await work(new Place(organization.Id, workspace), kind, rule));
                }
            }
            findings.AddRange(sums.Where(sum => sum.Value.Count > 0)
                .Select(sum => new RetentionFinding(organization.Id, organization.Name, sum.Key, sum.Value.Count, sum.Value.Bytes, sum.Value.Oldest)));
        }
        return findings;
    }

    private Dictionary<RetainedKind, KeptFor> Effective(IEnumerable<RetentionRule> own)
    {
        var rules = Enum.GetValues<RetainedKind>().ToDictionary(kind => kind, options.Value.For);
        foreach (var rule in own)
        {
            rules[rule.Kind] = new KeptFor(rule.Days, rule.Count);
        }
        return rules;
    }

    private async Task<Sum> CountAsync(Place place, RetainedKind kind, KeptFor rule, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var sum = new Sum(0, 0, null);
        foreach (var thing in await (await FindAsync(db, place.Workspace, kind, rule, cancellationToken)).ToListAsync(cancellationToken))
        {
            sum = sum.And(thing, kind == RetainedKind.Plans ? await PlanBytesAsync(RunId.Of(thing.Id), cancellationToken) : thing.Bytes);
        }
        return sum;
    }

    private async Task<Sum> RemoveAsync(Place place, RetainedKind kind, KeptFor rule, CancellationToken cancellationToken)
    {
        var all = new Sum(0, 0, null);
        while (true)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            var things = await (await FindAsync(db, place.Workspace, kind, rule, cancellationToken)).Take(AtOnce).ToListAsync(cancellationToken);
            var gone = new Sum(0, 0, null);
            foreach (var thing in things)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await RemoveAsync(kind, thing) is { } bytes)
                {
                    gone = gone.And(thing, bytes);
                }
            }
            await TellAsync(place, kind, gone);
            all = all.And(gone);
            // Where somebody else is faster, or something stands in the way, the next sweep goes on.
            if (things.Count < AtOnce || gone.Count == 0)
            {
                return all;
            }
        }
    }

    /// <summary>What the rule does not keep, oldest first.</summary>
    private async Task<IQueryable<Thing>> FindAsync(
        OrchestratorDbContext db, WorkspaceId workspace, RetainedKind kind, KeptFor rule, CancellationToken cancellationToken)
    {
        var runs = db.Runs.AsNoTracking().Where(run => run.WorkspaceId == workspace);
        var versions = db.ConfigurationVersions.AsNoTracking().Where(version => version.WorkspaceId == workspace && version.Status == ConfigurationVersionStatus.Uploaded);
        var documents = db.StateVersions.AsNoTracking().Where(version => version.WorkspaceId == workspace
            && (version.Status == StateVersionStatus.Finalized || version.Status == StateVersionStatus.BackingDataSoftDeleted));
        var instants = kind switch
        {
            RetainedKind.Logs or RetainedKind.Plans => runs.Select(run => run.CreatedAt),
            RetainedKind.Configurations => versions.Select(version => version.CreatedAt),
            RetainedKind.States => documents.Select(version => version.CreatedAt),
        };
        var before = rule.Days is { } days ? clock.GetUtcNow() - TimeSpan.FromDays(days) : DateTimeOffset.MaxValue;
        var newest = rule.Count is { } count
            ? await instants.OrderByDescending(at => at).Skip(count - 1).Select(at => (DateTimeOffset?)at).FirstOrDefaultAsync(cancellationToken) ?? DateTimeOffset.MinValue
            : DateTimeOffset.MaxValue;
        var oldest = before < newest ? before : newest;
        // It may have waited long for somebody's word, and ended only now.
        var over = runs.Where(run => run.CreatedAt < oldest && run.UpdatedAt < before && RunMoves.Final.Contains(run.Status));
        switch (kind)
        {
            case RetainedKind.Logs:
                return from run in over
                       where run.LogsRemovedAt == null
                       join plan in db.Plans on run.Id equals plan.RunId
                       join apply in db.Applies on run.Id equals apply.RunId
                       where plan.LogLength > 0 || apply.LogLength > 0
                       orderby run.CreatedAt
                       select new Thing(run.Id.Value, run.CreatedAt, (plan.LogLength ?? 0) + (apply.LogLength ?? 0));
            case RetainedKind.Plans:
                return from run in over
                       where run.PlanRemovedAt == null && db.Plans.Any(plan => plan.RunId == run.Id && plan.Status == PhaseStatus.Finished)
                       orderby run.CreatedAt
                       select new Thing(run.Id.Value, run.CreatedAt, 0L);
            case RetainedKind.Configurations:
                var current = (await db.CurrentConfigurationAsync(workspace, cancellationToken))?.Id;
                return from version in versions
                       where version.CreatedAt < oldest && version.Id != current
                           && !db.Runs.Any(run => run.ConfigurationVersionId == version.Id && !RunMoves.Final.Contains(run.Status))
                       orderby version.CreatedAt
                       select new Thing(version.Id.Value, version.CreatedAt, version.Size ?? 0);
            default:
                return from version in documents
                       where version.CreatedAt < oldest
                           && !db.Workspaces.Any(row => row.CurrentStateVersionId == version.Id)
                           && !db.Runs.Any(run => run.WorkspaceId == workspace && (run.Id == version.RunId || run.InputStateVersionId == version.Id) && !RunMoves.Final.Contains(run.Status))
                       orderby version.CreatedAt
                       select new Thing(version.Id.Value, version.CreatedAt, version.Size);
        }
    }

    /// <returns>Bytes; null when it is not to go after all, or somebody else has removed it.</returns>
    private async Task<long?> RemoveAsync(RetainedKind kind, Thing thing) => kind switch
    {
        RetainedKind.Logs => await RemoveLogsAsync(RunId.Of(thing.Id)) ? thing.Bytes : null,
        RetainedKind.Plans => await RemovePlanAsync(RunId.Of(thing.Id)),
        RetainedKind.Configurations => await configurations.ArchiveAsync(ConfigurationVersionId.Of(thing.Id), CancellationToken.None) == ArchivalOutcome.Archived ? thing.Bytes : null,
        RetainedKind.States => await states.RemoveAsync(StateVersionId.Of(thing.Id), CancellationToken.None) == BackingDataOutcome.Done ? thing.Bytes : null,
    };

    /// <summary>In its place stands a sentence, which every reader of logs shows.</summary>
    private async Task<bool> RemoveLogsAsync(RunId id)
    {
        await using var db = await databases.CreateDbContextAsync();
        await using var transaction = await db.Database.BeginTransactionAsync();
        var now = clock.GetUtcNow();
        if (await db.Runs.Where(run => run.Id == id && run.LogsRemovedAt == null && RunMoves.Final.Contains(run.Status))
            .ExecuteUpdateAsync(set => set.SetProperty(run => run.LogsRemovedAt, now)) == 0)
        {
            return false;
        }
        var sentence = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"This log was removed by the retention policy on {now:yyyy-MM-dd}.\n"));
        foreach (var phase in Enum.GetValues<RunPhase>().Select(EnumText.Of))
        {
            if (await db.LogChunks.Where(chunk => chunk.RunId == id && chunk.Phase == phase).ExecuteDeleteAsync() > 0)
            {
                db.LogChunks.Add(new LogChunk
                {
                    RunId = id, Phase = phase, Offset = 0, Length = sentence.Length,
                    ProtectedContent = secrets.Protect(SecretKind.RunLog, SealedPlaces.OfChunk(id, phase, 0), sentence),
                });
            }
        }
        await db.SaveChangesAsync();
        await db.Plans.Where(plan => plan.RunId == id && plan.LogLength > 0).ExecuteUpdateAsync(set => set.SetProperty(plan => plan.LogLength, sentence.Length));
        await db.Applies.Where(apply => apply.RunId == id && apply.LogLength > 0).ExecuteUpdateAsync(set => set.SetProperty(apply => apply.LogLength, sentence.Length));
        await transaction.CommitAsync();
        return true;
    }

    private async Task<long?> RemovePlanAsync(RunId id)
    {
        var bytes = await PlanBytesAsync(id, CancellationToken.None);
        await using var db = await databases.CreateDbContextAsync();
        var now = clock.GetUtcNow();
        if (await db.Runs.Where(run => run.Id == id && run.PlanRemovedAt == null && RunMoves.Final.Contains(run.Status))
            .ExecuteUpdateAsync(set => set.SetProperty(run => run.PlanRemovedAt, now)) == 0)
        {
            return null;
        }
        foreach (var key in PlanKeys(id))
        {
            await blobs.DeleteAsync(key, CancellationToken.None);
        }
        return bytes;
    }

    private async Task<long> PlanBytesAsync(RunId id, CancellationToken cancellationToken)
    {
        var bytes = 0L;
        foreach (var key in PlanKeys(id))
        {
            bytes += await blobs.SizeAsync(key, cancellationToken);
        }
        return bytes;
    }

    private async Task TellAsync(Place place, RetainedKind kind, Sum gone)
    {
        if (gone.Count == 0)
        {
            return;
        }
        metrics.Removed(kind, gone.Count, gone.Bytes);
        await using var db = await databases.CreateDbContextAsync();
        db.AuditWaiting.Add(AuditWaiting.Of(AuditRecord.OfPlatform(clock.GetUtcNow(), "retain_no_longer", "workspace", place.Workspace.Value) with
        {
            OrganizationId = place.Organization,
            WorkspaceId = place.Workspace,
            Detail = AuditDetail.Of(
                ("kind", EnumText.Of(kind)), ("count", gone.Count.ToString(CultureInfo.InvariantCulture)), ("bytes", gone.Bytes.ToString(CultureInfo.InvariantCulture)),
                ("oldest", gone.Oldest?.ToString("O", CultureInfo.InvariantCulture)), ("first", gone.First), ("last", gone.Last)),
        }));
        await db.SaveChangesAsync();
    }

    private static BlobKey[] PlanKeys(RunId run) => [BlobKey.PlanFile(run), BlobKey.PlanJson(run), BlobKey.PlanLock(run), BlobKey.PlanSchemas(run)];

    private sealed record Place(OrganizationId Organization, WorkspaceId Workspace);

    private sealed record Thing(string Id, DateTimeOffset At, long Bytes);

    private sealed record Sum(int Count, long Bytes, DateTimeOffset? Oldest, string? First = null, string? Last = null)
    {
        public Sum And(Thing thing, long bytes) => And(new Sum(1, bytes, thing.At, thing.Id, thing.Id));

        public Sum And(Sum more) => more.Count == 0 ? this : new Sum(
            Count + more.Count, Bytes + more.Bytes, Oldest is { } here && here < more.Oldest ? here : more.Oldest, First ?? more.First, more.Last);
    }
}
