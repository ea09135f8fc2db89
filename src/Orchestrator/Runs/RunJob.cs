using System.Data.Common;
using Hangfire;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Orchestrator.Data;
using Orchestrator.RunLogs;

namespace Orchestrator.Runs;

/// <summary>The story of a run's phase, from claim to wipe. Plan and apply are two phases, and each goes the whole way: nothing but the job carries
/// over to an apply that nobody has to confirm.</summary>
/// <remarks>Hangfire may deliver a job twice and never repeats one by itself: a job that finds nothing to claim ends at once.</remarks>
public sealed partial class RunJob(
    DiskRoom room, RunClaims claims, RunWatches watches, RunLogStore logs, RunJobs jobs, PhaseSteps steps, RunMetrics metrics, TimeProvider clock,
    ILogger<RunJob> logger)
{
    // An hour: somebody has to notice, and to make room or bring the database back.
    private const int MaxAttempts = 1800;

    // A minute: the end of the run, and of its credentials, matters more than the end of its log.
    private const int MaxAttemptsForLog = 30;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    [AutomaticRetry(Attempts = 0)]
    public async Task ExecuteAsync(string runId, CancellationToken cancellationToken)
    {
        var next = await CarryOutAsync(RunId.Of(runId), cancellationToken);
        while (next is { } planned)
        {
            try
            {
                // As any job's: it may be somebody else's turn, or nobody's.
                next = await CarryOutAsync(planned.Id, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                jobs.Enqueue(planned, RunStatus.ApplyQueued);
                throw;
            }
        }
    }

    /// <returns>The run whose plan this was, when its apply is to follow.</returns>
    private async Task<Run?> CarryOutAsync(RunId id, CancellationToken cancellationToken)
    {
        await watches.GoneAsync(id);
        await room.ForRoomAsync(cancellationToken);
        using var arrival = watches.Arrive();
        if (await claims.ClaimAsync(id, cancellationToken) is not { } claim)
        {
            return null;
        }
        Log.Started(logger, claim.Run.Id, claim.PhaseName, claim.Workspace.Name);
        using var place = metrics.Start(claim.Phase, claim.QueuedAt is { } queuedAt ? clock.GetUtcNow() - queuedAt : null);
        using var span = RunSpans.Begin(claim, clock);
        await using var watching = watches.Begin(claim);
        arrival.Dispose();
        await using var log = await logs.OpenAsync(claim.Run.Id, claim.PhaseName, claim.Run.ClaimedBy!, CancellationToken.None, claim.IsFirstAttempt);
        var scope = new PhaseScope(claim, watching.Watch, log, clock);

        var result = await PerformAsync(scope) with { ChangedNothing = !scope.MayHaveChangedSomething };
        if ((!watching.Watch.IsHeld || result.Ending == PhaseEnding.ClaimLost) && await InsistAsync(scope, () => claims.BeatAsync(claim, CancellationToken.None)) is null)
        {
            await LeaveAsync(scope);
            RunSpans.End(span, new PhaseResult(PhaseEnding.ClaimLost));
            return null;
        }
        result = result.With(await InsistAsync(scope, () => steps.Rescue.DeliverAsync(claim)));
        await TellAsync(scope, result);
        var receipt = await scope.StepAsync("wipe", () => InsistAsync(scope, () => steps.Wipe.WipeAsync(claim, scope.Minted, scope.Deliveries, scope.Directory?.User)));
        await CompleteLogAsync(scope);
        watching.Watch.Settle();
        var goesOn = await InsistAsync(scope, () => steps.Endings.RecordAsync(claim, result, receipt, scope.Steps, log.Length, mayGoOn: true));

        metrics.Ended(claim.Phase, result.Ending, scope.Elapsed, scope.Steps);
        RunSpans.End(span, result);
        Log.Ended(logger, claim.Run.Id, claim.PhaseName, result.Ending);
        return goesOn ? claim.Run : null;
    }

    /// <summary>Somebody else has taken the run over, and may be done with it. Nothing of this attempt may be written any more, but for what
    /// only this machine has: a state that terraform could not deliver. And nothing of it is left here.</summary>
    private async Task LeaveAsync(PhaseScope scope)
    {
        var claim = scope.Claim;
        scope.Log.Abandon();
        await InsistAsync(scope, () => steps.Rescue.DeliverAsync(claim));
        await scope.StepAsync("wipe", () => InsistAsync(scope, () => steps.Wipe.LeaveAsync(claim, scope.Deliveries, scope.Directory?.User)));
        metrics.Ended(claim.Phase, PhaseEnding.ClaimLost, scope.Elapsed, scope.Steps);
        Log.Left(logger, claim.Run.Id, claim.PhaseName);
    }

    private async Task<PhaseResult> PerformAsync(PhaseScope scope)
    {
        try
        {
            await steps.Api.ForAnswerAsync(scope);
            await scope.StepAsync("prepare", () => steps.Preparation.PrepareAsync(scope, scope.Watch.Stop));
            await steps.Credentials.ObtainAsync(scope, scope.Watch.Stop);
            return await steps.Execution.ExecuteAsync(scope);
        }
        catch (PhaseFailedException failed)
        {
            return new PhaseResult(PhaseEnding.Failed, Outcome: scope.Redactor.Mask(failed.Message));
        }
        catch (OperationCanceledException) when (scope.Watch.Stop.IsCancellationRequested)
        {
            return new PhaseResult(
                scope.Watch.Reason == StopReason.Canceled ? PhaseEnding.Canceled : PhaseEnding.Interrupted,
                Outcome: "The run was stopped before terraform started.");
        }
        catch (IOException full)
        {
            return new PhaseResult(PhaseEnding.Failed, Outcome:
                $"The worker could not write what the run needs ({full.Message}). Make room on its disk, and start a new run.");
        }
        catch (Exception away) when (away.IsOfDatabase())
        {
            Log.Failed(logger, away, scope.Claim.Run.Id, scope.Claim.PhaseName);
            var left = scope.MayHaveChangedSomething ? "What terraform did until then is in the state. Start a new run to finish the work." : "Nothing was changed.";
            return new PhaseResult(PhaseEnding.Interrupted, Outcome:
                $"The platform's database could not be used ({away.GetBaseException().Message}). {left}");
        }
        catch (Exception unexpected)
        {
            // The job's boundary: whatever it was, the run must end as what it is and the phase must be wiped.
            Log.Failed(logger, unexpected, scope.Claim.Run.Id, scope.Claim.PhaseName);
            return new PhaseResult(PhaseEnding.Failed, Outcome:
                $"The platform itself failed ({unexpected.GetType().Name}). The server's own log says more; look for {scope.Claim.Run.Id}.");
        }
    }

    /// <summary>The database may be away for a while, or the disk full; what became of the run, and its state, must not be lost
    /// with that while.</summary>
    private async Task<T> InsistAsync<T>(PhaseScope scope, Func<Task<T>> work, int maxAttempts = MaxAttempts)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (Exception away) when (attempt < maxAttempts && away is DbException or DbUpdateException or IOException or InvalidOperationException)
            {
                Log.NotEnded(logger, away, scope.Claim.Run.Id, attempt);
                await Task.Delay(Pause, clock);
            }
        }
    }

    private async Task InsistAsync(PhaseScope scope, Func<Task> work, int maxAttempts = MaxAttempts) => await InsistAsync(scope, async () =>
    {
        await work();
        return true;
    }, maxAttempts);

    /// <summary>Ends the log with the reason, when there is one to tell.</summary>
    private async Task TellAsync(PhaseScope scope, PhaseResult result)
    {
        try
        {
            if (result.Outcome is { } outcome)
            {
                await scope.Log.WriteLineAsync($"\n\u001b[31mError: {outcome}\u001b[0m", CancellationToken.None);
            }
        }
        catch (IOException)
        {
            // It is kept with what could not be stored before.
        }
        await CompleteLogAsync(scope);
    }

    /// <summary>Also once more when the wipe is done: what was away before is back then.</summary>
    private async Task CompleteLogAsync(PhaseScope scope)
    {
        try
        {
            await InsistAsync(scope, scope.Log.CompleteAsync, MaxAttemptsForLog);
        }
        catch (IOException)
        {
            // The run itself says how it ended.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Run {RunId} starts its {Phase} in workspace {Workspace}.")]
        public static partial void Started(ILogger logger, RunId runId, string phase, string workspace);

        [LoggerMessage(2, LogLevel.Information, "Run {RunId} ended its {Phase}: {Ending}.")]
        public static partial void Ended(ILogger logger, RunId runId, string phase, PhaseEnding ending);

        [LoggerMessage(3, LogLevel.Error, "Run {RunId} failed in its {Phase} for a reason of the platform's own.")]
        public static partial void Failed(ILogger logger, Exception exception, RunId runId, string phase);

        [LoggerMessage(4, LogLevel.Warning, "Run {RunId} could not be brought to its end (attempt {Attempt}); it is tried again.")]
        public static partial void NotEnded(ILogger logger, Exception exception, RunId runId, int attempt);

        [LoggerMessage(5, LogLevel.Warning, "Run {RunId} was taken over in its {Phase} by another process, because this one gave no sign of life in time.")]
        public static partial void Left(ILogger logger, RunId runId, string phase);
    }
}

/// <summary>What <see cref="RunJob"/> goes through, in order.</summary>
public sealed record PhaseSteps(
    ApiWait Api, PhasePreparation Preparation, PhaseCredentials Credentials, PhaseExecution Execution, StateRescue Rescue, PhaseWipe Wipe, PhaseEndings Endings);
