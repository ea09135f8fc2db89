using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.States;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Pages.Parts;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Workspaces;

public sealed record RunRow(
    RunId Id, string? Message, RunStatus Status, string CreatedBy, string Source, DateTimeOffset CreatedAt, bool IsDestroy, bool PlanOnly,
    int? Additions, int? Changes, int? Destructions);

/// <param name="Configuration">The newest upload, used or refused.</param>
/// <param name="HasConfiguration">A run could start now.</param>
public sealed record WorkspaceOverview(
    Workspace Workspace, ExecutionPlace Place, int Resources, ConfigurationVersion? Configuration, bool HasConfiguration, IReadOnlyList<RunRow> Runs, int Page, int Pages)
{
    /// <summary>The last runs that are over, oldest first.</summary>
    public IReadOnlyList<RunBar> Bars { get; init; } = [];

    /// <summary>Of the current state; null for a sensitive value.</summary>
    public IReadOnlyList<(string Name, string? Value)> Outputs { get; init; } = [];

    /// <summary>Of the configuration, as HTML that is safe to show.</summary>
    public string? Readme { get; init; }
}

/// <param name="Tone">ok, bad or quiet.</param>
/// <param name="Worked">How long terraform was at work.</param>
/// <param name="Changed">How many resources it planned to add, change and destroy.</param>
public sealed record RunBar(RunId Id, RunStatus Status, string Tone, DateTimeOffset CreatedAt, TimeSpan Worked, int Changed, int Destroyed);

/// <summary>Gathers what the workspace's first page shows.</summary>
internal sealed class WorkspaceReader(
    IDbContextFactory<OrchestratorDbContext> databases, ReadmeReader readmes, StateOutputVault outputs)
{
    private const int PageSize = 20;
    private const int MaxBars = 30;
    private const int MaxOutputs = 100;

    /// <returns>Null when there is no such workspace.</returns>
    public async Task<WorkspaceOverview?> ReadAsync(string organization, string workspace, int page, bool mayReadOutputs, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.FindWorkspaceAsync(organization, workspace, cancellationToken) is not { } found)
        {
            return null;
        }
        var resources = await db.StateVersions.Where(state => state.Id == found.CurrentStateVersionId)
            .Select(state => state.ResourceCount).FirstOrDefaultAsync(cancellationToken);
        var configurations = db.ConfigurationVersions.AsNoTracking().Where(version => version.WorkspaceId == found.Id);
        var newest = await configurations.OrderByDescending(version => version.CreatedAt).FirstOrDefaultAsync(cancellationToken);
        var usable = await configurations.AnyAsync(version =>
            version.Status == ConfigurationVersionStatus.Uploaded && !version.Speculative && !version.Provisional, cancellationToken);
        var runs = db.Runs.AsNoTracking().Where(run => run.WorkspaceId == found.Id);
        var count = await runs.CountAsync(cancellationToken);
        var rows = await RowsAsync(db, runs, page, cancellationToken);
        return new WorkspaceOverview(
            found, await db.PlaceOfAsync(found, cancellationToken), resources, newest, usable, rows, page, Paging.PagesOf(count, PageSize))
        {
            Bars = await BarsAsync(db, found.Id, cancellationToken),
            Outputs = mayReadOutputs ? await OutputsAsync(db, found.CurrentStateVersionId, cancellationToken) : [],
            Readme = newest is { Status: ConfigurationVersionStatus.Uploaded } ? await readmes.ReadAsync(newest.Id, found.WorkingDirectory, cancellationToken) : null,
        };
    }

    private static async Task<IReadOnlyList<RunBar>> BarsAsync(OrchestratorDbContext db, WorkspaceId workspace, CancellationToken cancellationToken)
    {
        var last = await (
            from run in db.Runs.AsNoTracking()
            where run.WorkspaceId == workspace && RunMoves.Final.Contains(run.Status)
            orderby run.CreatedAt descending
            join plan in db.Plans on run.Id equals plan.RunId
            join apply in db.Applies on run.Id equals apply.RunId
            select new { run.Id, run.Status, run.CreatedAt, plan, apply }).Take(MaxBars).ToListAsync(cancellationToken);
        return [.. Enumerable.Reverse(last).Select(run => new RunBar(
            run.Id, run.Status, Words.Tone(run.Status) is "ok" or "bad" ? Words.Tone(run.Status) : "quiet", run.CreatedAt,
            TimeOf(run.plan) + TimeOf(run.apply),
            (run.plan.Additions + run.plan.Changes + run.plan.Destructions) ?? 0, run.plan.Destructions ?? 0))];
    }

    private static TimeSpan TimeOf(PhaseRecord phase) =>
        phase is { StartedAt: { } started, FinishedAt: { } finished } && finished > started ? finished - started : TimeSpan.Zero;

    private async Task<IReadOnlyList<(string Name, string? Value)>> OutputsAsync(
        OrchestratorDbContext db, StateVersionId? state, CancellationToken cancellationToken)
    {
        var rows = await db.StateOutputs.AsNoTracking().Where(output => output.StateVersionId == state)
            .OrderBy(output => output.Name).Take(MaxOutputs).ToListAsync(cancellationToken);
        return [.. rows.Select(output => (output.Name, output.Sensitive ? null : outputs.Open(output).GetRawText()))];
    }

    private static Task<List<RunRow>> RowsAsync(
        OrchestratorDbContext db, IQueryable<Run> runs, int page, CancellationToken cancellationToken) =>
        (from run in runs.OrderByDescending(run => run.CreatedAt).Skip((page - 1) * PageSize).Take(PageSize)
         join plan in db.Plans on run.Id equals plan.RunId
         orderby run.CreatedAt descending
         select new RunRow(
             run.Id, run.Message, run.Status, run.CreatedBy, run.Source, run.CreatedAt, run.Options.IsDestroy, run.Options.PlanOnly,
             plan.Additions, plan.Changes, plan.Destructions)).ToListAsync(cancellationToken);
}
