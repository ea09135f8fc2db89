using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Query;
using Orchestrator.Data;
using Orchestrator.Data.Announcements;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>Step 8 of a run: what became of the phase, and of the run, in one transaction. A client that sees the phase finished
/// also sees the run where it goes on.</summary>
public sealed class PhaseEndings(
    IDbContextFactory<OrchestratorDbContext> databases, RunQueue queue, RunJobs jobs, RunTurns turns, SavedPlans savedPlans, TriggeredRuns triggered,
    IAnnouncements announcements, TimeProvider clock)
{
    /// <summary>How often a phase is started at most, when its workers keep going away.</summary>
    public const int MaxAttempts = 3;

    /// <param name="mayGoOn">Whoever has carried out a plan carries out its apply as well, when nobody has to confirm it: no job is queued for it.</param>
    /// <returns>Whether that is so: the apply waits for its turn.</returns>
    public async Task<bool> RecordAsync(
        RunClaim claim, PhaseResult result, WipeReceipt receipt, IReadOnlyList<PhaseStep> steps, long logLength, bool mayGoOn = false)
    {
        if (result.Ending == PhaseEnding.ClaimLost)
        {
            return false;
        }
        var step = NextStep(claim, result);
        await using var db = await databases.CreateDbContextAsync();
        var isFollowed = false;
        await using (var transaction = await db.Database.BeginTransactionAsync())
        {
            if (await MoveAsync(db, claim, result, step) != MoveOutcome.Moved)
            {
                return false;
            }
            if (IsDoneAgain(claim, step))
            {
                await db.SaveChangesAsync();
                await db.QueuePhaseAsync(claim.Run.Id, claim.Phase, clock.GetUtcNow(), CancellationToken.None);
            }
            else
            {
                await WritePhaseAsync(db, claim, result, step, receipt, steps, logLength);
                await db.RecordDriftAsync(claim, result);
            }
            if (step == RunStatus.Applied)
            {
                isFollowed = await TriggeredRuns.NoteAsync(db, claim.Run, clock.GetUtcNow());
            }
            await transaction.CommitAsync();
        }
        await announcements.AnnounceAsync(Topic.Run(claim.Run.Id), CancellationToken.None);
        await announcements.AnnounceAsync(Topic.Log(claim.Run.Id, claim.PhaseName), CancellationToken.None);
        if (mayGoOn && claim.Phase == RunPhase.Plan && step == RunStatus.ApplyQueued)
        {
            // It keeps the workspace, and takes the turn that its plan has made free.
            return true;
        }
        if (step is RunStatus.ApplyQueued or RunStatus.PlanQueued)
        {
            jobs.Enqueue(claim.Run, step);
        }
        if (step.IsFinal())
        {
            await db.RecordFiguresAsync(claim.Run.WorkspaceId, clock.GetUtcNow(), CancellationToken.None);
        }
        if (step == RunStatus.Applied)
        {
            await savedPlans.DiscardAsync(claim.Run.WorkspaceId, claim.Run.Id, CancellationToken.None);
            if (isFollowed)
            {
                await triggered.FollowAsync(claim.Run.Id, CancellationToken.None);
            }
        }
        await queue.AdvanceAsync(claim.Run.WorkspaceId, CancellationToken.None);
        await turns.WakeAsync(db, CancellationToken.None);
        return false;
    }

    /// <summary>Where the run goes from here.</summary>
    private static RunStatus NextStep(RunClaim claim, PhaseResult result)
    {
        var options = claim.Run.Options;
        return (result.Ending, claim.Phase) switch
        {
            (PhaseEnding.Canceled, _) => RunStatus.Canceled,
            (PhaseEnding.Interrupted, RunPhase.Plan) when claim.Run.PlanAttempts < MaxAttempts => RunStatus.PlanQueued,
            (PhaseEnding.Interrupted, RunPhase.Apply) when result.ChangedNothing && claim.Run.ApplyAttempts < MaxAttempts => RunStatus.ApplyQueued,
            (PhaseEnding.Succeeded, RunPhase.Apply) => RunStatus.Applied,
            (PhaseEnding.Succeeded, RunPhase.Plan) when options.PlanOnly => RunStatus.PlannedAndFinished,
            (PhaseEnding.Succeeded, RunPhase.Plan) when !result.HasChanges && !options.AllowEmptyApply => RunStatus.PlannedAndFinished,
            (PhaseEnding.Succeeded, RunPhase.Plan) when options.SavePlan => RunStatus.PlannedAndSaved,
            (PhaseEnding.Succeeded, RunPhase.Plan) when options.AutoApply => RunStatus.ApplyQueued,
            (PhaseEnding.Succeeded, RunPhase.Plan) => RunStatus.Planned,
            _ => RunStatus.Errored,
        };
    }

    private static bool IsDoneAgain(RunClaim claim, RunStatus step) => step == (claim.Phase == RunPhase.Plan ? RunStatus.PlanQueued : RunStatus.ApplyQueued);

    /// <summary>What is noted of it is stored with the phase.</summary>
    private async Task<MoveOutcome> MoveAsync(OrchestratorDbContext db, RunClaim claim, PhaseResult result, RunStatus step)
    {
        var now = clock.GetUtcNow();
        var id = claim.Run.Id;
        var (worker, plans, applies) = (claim.Run.ClaimedBy, claim.Run.PlanAttempts, claim.Run.ApplyAttempts);
        // A worker that was silent for too long may have lost its claim without knowing it yet.
        Expression<Func<Run, bool>> stillMine = run => run.ClaimedBy == worker && run.PlanAttempts == plans && run.ApplyAttempts == applies;
        if (step == RunStatus.ApplyQueued && claim.Phase == RunPhase.Plan)
        {
            return await db.MoveAsync(id, RunStatus.ApplyQueued, now, also: set => SetVersion(set, result), only: [RunStatus.Planning], when: stillMine,
                known: claim.Run, through: [(RunStatus.Planned, null), (RunStatus.Confirmed, "Applied automatically.")], callerSaves: true);
        }
        var outcome = RunText.Fit(result.Outcome, Run.MaxOutcomeLength);
        var moved = await db.MoveAsync(id, step, now, description: outcome,
            also: set => SetVersion(set.SetProperty(run => run.Outcome, outcome).SetProperty(run => run.ApplyIsHeld, false), result),
            only: [claim.Phase == RunPhase.Plan ? RunStatus.Planning : RunStatus.Applying],
            when: stillMine,
            known: claim.Run,
            callerSaves: true);
        if (moved == MoveOutcome.Moved && (step.IsFinal() || step == RunStatus.PlannedAndSaved))
        {
            await db.UnlockFromRunAsync(claim.Run.WorkspaceId, id, CancellationToken.None);
        }
        return moved;
    }

    private static void SetVersion(UpdateSettersBuilder<Run> set, PhaseResult result)
    {
        if (result.PlannedBy is { } version)
        {
            set.SetProperty(run => run.TerraformVersion, version);
        }
    }

    private async Task WritePhaseAsync(
        OrchestratorDbContext db, RunClaim claim, PhaseResult result, RunStatus step, WipeReceipt receipt, IReadOnlyList<PhaseStep> steps,
        long logLength)
    {
        var now = clock.GetUtcNow();
        // Whoever has the claim is the only one who changes it.
        var phase = claim.Record;
        phase.Status = result.Ending switch
        {
            PhaseEnding.Succeeded => PhaseStatus.Finished,
            PhaseEnding.Canceled => PhaseStatus.Canceled,
            PhaseEnding.Failed or PhaseEnding.Interrupted or PhaseEnding.ClaimLost => PhaseStatus.Errored,
        };
        phase.FinishedAt = now;
        phase.LogLength = logLength;
        phase.WipeReceiptJson = receipt.ToJson();
        phase.StepsJson = PhaseStep.Write(steps);
        phase.Additions = result.Summary?.Additions;
        phase.Changes = result.Summary?.Changes;
        phase.Destructions = result.Summary?.Destructions;
        phase.Imports = result.Summary?.Imports;
        phase.Moves = result.Summary?.Moves;
        if (phase is Plan plan)
        {
            plan.HasChanges = result.HasChanges;
            plan.GeneratedConfiguration = result.Summary?.GeneratedConfiguration ?? false;
        }
        db.Update(phase);
        await db.SaveChangesAsync();
        // Of one that is applied, both are over.
        if (step.IsFinal() && step != RunStatus.Applied)
        {
            await db.CloseWaitingPhasesAsync(claim.Run.Id, now, CancellationToken.None);
        }
        else if (step == RunStatus.ApplyQueued)
        {
            await db.QueuePhaseAsync(claim.Run.Id, RunPhase.Apply, now, CancellationToken.None);
        }
    }
}
