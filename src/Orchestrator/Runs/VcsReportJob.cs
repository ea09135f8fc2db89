using Hangfire;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Orchestrator.Data;
using Orchestrator.Vcs;

namespace Orchestrator.Runs;

/// <summary>Tells version control how a run stands: a mark of the workspace's on the commit, one for all workspaces together, and the comment
/// of its pull request.</summary>
public sealed partial class VcsReportJob(
    IDbContextFactory<OrchestratorDbContext> databases, VcsVault vault, VcsProviders providers, VcsReportTexts texts, TimeProvider clock, ILogger<VcsReportJob> logger)
{
    /// <summary>So long one attempt may take.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [AutomaticRetry(Attempts = 0)]
    public async Task ExecuteAsync(string runId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var id = new RunId(runId);
        var until = clock.GetUtcNow() + Patience;
        var report = await db.VcsReports.AsNoTracking().FirstOrDefaultAsync(row => row.RunId == id && !row.IsDone, cancellationToken);
        // Of two jobs for one attempt, one goes on.
        if (report is null || await db.VcsReports.Where(row => row.RunId == id && row.Attempts == report.Attempts && !row.IsDone).ExecuteUpdateAsync(
            set => set.SetProperty(row => row.Attempts, row => row.Attempts + 1).SetProperty(row => row.DueAt, until), cancellationToken) == 0)
        {
            return;
        }
        report.Attempts++;
        var run = await db.Runs.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken);
        if (run is null)
        {
            // Its workspace was deleted meanwhile, and the report with it.
            return;
        }
        try
        {
            await ReportAsync(db, report, run, cancellationToken);
            await WriteAsync(db, report, run.Status, null, wait: TimeSpan.Zero, attempts: 0);
        }
        catch (VcsProblem problem)
        {
            var wait = problem.WaitAfter(report.Attempts);
            // Given up for this status; the next one is told all the same.
            await WriteAsync(db, report, wait is null ? run.Status : report.ReportedStatus, problem.Message, wait ?? TimeSpan.Zero, wait is null ? 0 : report.Attempts);
        }
        catch (DbUpdateException overtaken) when (overtaken.WasOvertaken())
        {
            // The connection was deleted meanwhile, and the report with it.
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            Log.Failed(logger, failed, id);
            await WriteAsync(db, report, run.Status, "It failed by an error of this server's, which is in its log.", TimeSpan.Zero, 0);
        }
    }

    private async Task ReportAsync(OrchestratorDbContext db, VcsReport report, Run run, CancellationToken cancellationToken)
    {
        var connection = await db.VcsConnections.AsNoTracking().FirstOrDefaultAsync(row => row.Id == report.ConnectionId, cancellationToken);
        if (connection?.TokenId is null)
        {
            throw new VcsProblem("The connection has no token any more.", VcsProblem.Once);
        }
        var (session, provider) = (vault.Open(connection), providers.Of(connection));
        var commit = await texts.OfCommitAsync(report, cancellationToken);
        if (commit.FirstOrDefault(row => row.Run.Id == run.Id) is not { } told)
        {
            return;
        }
        await provider.SetStatusAsync(session, report.Repository, report.CommitSha, texts.StatusOf(told), cancellationToken);
        await provider.SetStatusAsync(session, report.Repository, report.CommitSha, texts.StatusOf(VcsReportTexts.LatestOf(commit)), cancellationToken);
        if (report.PullRequest is { } number)
        {
            await CommentAsync(db, report, number, session, provider, cancellationToken);
        }
    }

    /// <summary>Of all who have something to say about a pull request, one writes at a time, and each writes all that there is to say.</summary>
    private async Task CommentAsync(
        OrchestratorDbContext db, VcsReport report, int number, VcsSession session, VcsProvider provider, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (!await db.VcsThreads.AnyAsync(row => row.ConnectionId == report.ConnectionId && row.Repository == report.Repository && row.PullRequest == number, cancellationToken))
        {
            db.VcsThreads.Add(new VcsThread { ConnectionId = report.ConnectionId, Repository = report.Repository, PullRequest = number });
            // Another may have added it meanwhile.
            await db.TrySaveAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
        var thread = db.VcsThreads.Where(row => row.ConnectionId == report.ConnectionId && row.Repository == report.Repository && row.PullRequest == number);
        var until = now + Patience;
        if (await thread.Where(row => row.BusyUntil == null || row.BusyUntil < now).ExecuteUpdateAsync(set => set.SetProperty(row => row.BusyUntil, until), cancellationToken) == 0)
        {
            throw new VcsProblem("Another run of the pull request is being told at this moment.", int.MaxValue, TimeSpan.FromSeconds(1));
        }
        string? written = null;
        try
        {
            var earlier = await thread.Select(row => row.CommentId).FirstAsync(cancellationToken);
            written = await provider.CommentAsync(session, report.Repository, number, earlier, await texts.OfPullRequestAsync(report, number, cancellationToken), cancellationToken);
        }
        finally
        {
            await thread.ExecuteUpdateAsync(set => set
                .SetProperty(row => row.BusyUntil, (DateTimeOffset?)null)
                .SetProperty(row => row.CommentId, row => written ?? row.CommentId), CancellationToken.None);
        }
    }

    private async Task WriteAsync(OrchestratorDbContext db, VcsReport report, RunStatus? told, string? problem, TimeSpan wait, int attempts)
    {
        var due = clock.GetUtcNow() + wait;
        var isDone = told is { } status && status.IsFinal();
        await db.VcsReports.Where(row => row.RunId == report.RunId).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.ReportedStatus, told)
            .SetProperty(row => row.IsDone, isDone)
            .SetProperty(row => row.Problem, RunText.Fit(problem, 2000))
            .SetProperty(row => row.Attempts, attempts)
            .SetProperty(row => row.DueAt, due), CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Version control could not be told about run {RunId}.")]
        public static partial void Failed(ILogger logger, Exception exception, RunId runId);
    }
}
