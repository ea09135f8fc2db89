using System.Collections.Concurrent;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>Ends phases whose worker gives no sign of life, as what they are: what has changed nothing is queued again; an apply
/// that terraform had begun ends errored, after terraform had the time to deliver its state.</summary>
public sealed partial class AbandonedPhases(
    RunClaims claims, PhaseSteps steps, RunWatches watches, RunLogStore logs, WorkerIdentity worker, INeighbours neighbours, DatabaseSight sight,
    IDbContextFactory<OrchestratorDbContext> databases, IOptions<TerraformOptions> engine, TimeProvider clock, ILogger<AbandonedPhases> logger) : IDisposable
{
    /// <summary>So many are ended at once; each may have to wait for its terraform.</summary>
    private const int MaxAtOnce = 8;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>A look that takes longer has failed.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SilentClaims _silent = new(clock);
    private readonly SemaphoreSlim _places = new(MaxAtOnce);
    private readonly ConcurrentDictionary<RunId, Task> _ending = new();

    /// <summary>One look at all claims. Those that are abandoned are ended beside it, so that the next look is not kept waiting: what a look
    /// has seen counts only with the looks around it.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (var claim in await FindAsync(cancellationToken))
        {
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_ending.TryAdd(claim.Id, ended.Task))
            {
                _ = TakeOverAsync(claim, ended, cancellationToken);
            }
        }
    }

    /// <summary>Ends when all that was found by now is ended, or will have to be found again.</summary>
    public Task EndedAsync() => Task.WhenAll(_ending.Values);

    public void Dispose() => _places.Dispose();

    private async Task<IEnumerable<SeenClaim>> FindAsync(CancellationToken cancellationToken)
    {
        var claimed = await SeeAsync(cancellationToken);
        var silent = _silent.See(claimed).ToHashSet();
        // Whoever has held this process's data directory, or its whole database, before it is dead.
        return claimed.Where(claim => !watches.AreWatching(claim.Id)
            && (silent.Contains(claim) || worker.HasFollowed(claim.ClaimedBy) || (!neighbours.ArePossible && claim.ClaimedBy != worker.Name)));
    }

    private async Task<IReadOnlyList<SeenClaim>> SeeAsync(CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            await using var db = await databases.CreateDbContextAsync(either.Token);
            var claimed = await db.Runs
                .Where(run => RunMoves.Claimed.Contains(run.Status))
                .Select(run => new SeenClaim(run.Id, run.Status, run.ClaimedBy, run.HeartbeatAt, run.LeaseSeconds))
                .ToListAsync(either.Token);
            sight.Note(began, away: false);
            return claimed;
        }
        catch (Exception failed) when (!cancellationToken.IsCancellationRequested)
        {
            _silent.Forget();
            if (failed is DbException or OperationCanceledException or TimeoutException or IOException || failed.InnerException is DbException)
            {
                sight.Note(began, away: true);
            }
            throw;
        }
    }

    private async Task TakeOverAsync(SeenClaim abandoned, TaskCompletionSource ended, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(CancellationToken.None);
        try
        {
            if (await claims.TakeOverAsync(abandoned, cancellationToken) is { } claim)
            {
                Log.Abandoned(logger, claim.Run.Id, claim.PhaseName, abandoned.ClaimedBy);
                await EndAsync(claim, cancellationToken);
            }
        }
        catch (Exception failed) when (failed is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // It is found again: at once by this process, and by others when this attempt has been silent for long enough.
            Log.Failed(logger, failed, abandoned.Id);
        }
        catch (OperationCanceledException)
        {
            // This process ends; another one finds it.
        }
        finally
        {
            _places.Release();
            _ending.TryRemove(abandoned.Id, out _);
            ended.SetResult();
        }
    }

    private async Task EndAsync(RunClaim claim, CancellationToken cancellationToken)
    {
        using var span = RunSpans.BeginRecovery(claim);
        // Others see that somebody is at it.
        await using var watching = watches.Begin(claim);
        if (claim.Phase == RunPhase.Apply)
        {
            await WaitForTerraformToSaveAsync(claim.Run.Id, cancellationToken);
        }
        var note = await steps.Rescue.DeliverAsync(claim);
        var result = new PhaseResult(
            claim.Run.CancelRequestedAt is null ? PhaseEnding.Interrupted : PhaseEnding.Canceled,
            Outcome: claim.Phase == RunPhase.Plan ? "The worker died while it planned. Nothing was changed."
                : claim.Run.ApplyIsHeld ? "The worker died before it applied anything. Nothing was changed."
                : "The worker died while it applied this run. Terraform was interrupted; the state holds everything it has recorded. "
                    + "Start a new run to finish the work.")
        {
            ChangedNothing = claim.Run.ApplyIsHeld,
        }.With(note);
        await using var log = await logs.OpenAsync(claim.Run.Id, claim.PhaseName, claim.Run.ClaimedBy!, cancellationToken);
        await log.WriteLineAsync($"\n\u001b[31m{result.Outcome}\u001b[0m", cancellationToken);
        await log.CompleteAsync();
        var receipt = await steps.Wipe.WipeAsync(claim, minted: [], deliveries: [], user: null);
        await steps.Endings.RecordAsync(claim, result, receipt, [], log.Length);
    }

    /// <summary>The dead worker's terraform was interrupted by its guard and is delivering its state to us, now that we are back.
    /// What else is left of the run is not worth waiting for; the wipe kills it.</summary>
    private async Task WaitForTerraformToSaveAsync(RunId run, CancellationToken cancellationToken)
    {
        var (started, limit) = (clock.GetTimestamp(), TimeSpan.FromSeconds(engine.Value.SecondsToSaveAfterWorkerDied));
        while (Guard.IsOnDuty(run.Value) && clock.GetElapsedTime(started) < limit)
        {
            await Task.Delay(Look, clock, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Run {RunId} was abandoned in its {Phase} by worker {Worker}, which is dead.")]
        public static partial void Abandoned(ILogger logger, RunId runId, string phase, string? worker);

        [LoggerMessage(2, LogLevel.Error, "Abandoned run {RunId} could not be ended; it is tried again.")]
        public static partial void Failed(ILogger logger, Exception exception, RunId runId);
    }
}
