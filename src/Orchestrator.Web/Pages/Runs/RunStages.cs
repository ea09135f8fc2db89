using Orchestrator.Data;
using Orchestrator.Runs;

namespace Orchestrator.Web.Pages.Runs;

public enum StageState
{
    Waiting,
    Current,
    Asks,
    Done,
    Failed,
    Skipped,
}

/// <summary>One leg of a run's way, as a person thinks of it.</summary>
/// <param name="Time">How long it took, or takes so far; null before it has begun.</param>
public sealed record RunStage(string Name, StageState State, TimeSpan? Time, string? Note = null)
{
    public static IReadOnlyList<RunStage> Of(RunDetails details, DateTimeOffset now)
    {
        var (run, plan, apply) = (details.Run, details.Plan, details.Apply);
        var isOver = run.Status.IsFinal();
        var end = isOver ? details.Events[^1].CreatedAt : now;
        var stages = new List<RunStage>
        {
            new("Queue", plan.StartedAt is null ? isOver ? StageState.Failed : StageState.Current : StageState.Done, (plan.StartedAt ?? end) - run.CreatedAt),
            Phase("Plan", plan, now),
        };
        if (Policies(details) is { } policies)
        {
            stages.Add(policies);
        }
        stages.Add(Decision(details, now));
        stages.Add(Phase("Apply", apply, now) is { State: StageState.Waiting } waiting && isOver
            ? waiting with { State = StageState.Skipped }
            : Phase("Apply", apply, now));
        stages.Add(Wiped(plan, apply));
        return stages;
    }

    private static RunStage Phase(string name, PhaseRecord phase, DateTimeOffset now) => new(
        name,
        phase.Status switch
        {
            PhaseStatus.Pending or PhaseStatus.Unreachable => StageState.Waiting,
            PhaseStatus.Queued or PhaseStatus.Running => StageState.Current,
            PhaseStatus.Finished => StageState.Done,
            _ => StageState.Failed,
        },
        phase.StartedAt is { } started ? (phase.FinishedAt ?? now) - started : null);

    private static RunStage? Policies(RunDetails details)
    {
        var checks = details.Events.Where(happening => happening.Action.StartsWith("policy_", StringComparison.Ordinal)).ToList();
        if (checks.Count == 0)
        {
            return null;
        }
        var state = details.Run.Status switch
        {
            RunStatus.PolicyChecking => StageState.Current,
            RunStatus.PolicyOverride => StageState.Asks,
            RunStatus.PolicySoftFailed => StageState.Failed,
            _ => StageState.Done,
        };
        return new RunStage("Policies", state, checks[^1].CreatedAt - checks[0].CreatedAt);
    }

    private static RunStage Decision(RunDetails details, DateTimeOffset now)
    {
        var (run, plan) = (details.Run, details.Plan);
        var confirmed = details.Events.LastOrDefault(happening => happening.Action == EnumText.Of(RunStatus.Confirmed));
        var discarded = details.Events.LastOrDefault(happening => happening.Action == EnumText.Of(RunStatus.Discarded));
        if (confirmed is not null)
        {
            return new RunStage("Decision", StageState.Done, confirmed.CreatedAt - plan.FinishedAt, confirmed.Actor is { } who ? $"confirmed by {who}" : "by itself");
        }
        if (discarded is not null)
        {
            return new RunStage("Decision", StageState.Failed, discarded.CreatedAt - (plan.FinishedAt ?? run.CreatedAt), discarded.Actor is { } who ? $"discarded by {who}" : "discarded");
        }
        if (details.Choices.CanConfirm)
        {
            return new RunStage("Decision", StageState.Asks, now - plan.FinishedAt, "waits for somebody");
        }
        return new RunStage("Decision", run.Status.IsFinal() || details.Apply.StartedAt is not null ? StageState.Skipped : StageState.Waiting, null,
            run.Status == RunStatus.PlannedAndFinished ? "nothing to decide" : null);
    }

    private static RunStage Wiped(Plan plan, Apply apply)
    {
        var receipts = new[] { plan.WipeReceipt, apply.WipeReceipt }.OfType<WipeReceipt>().ToList();
        var isComplete = plan.StartedAt is not null && plan.WipeReceipt is not null && (apply.StartedAt is null || apply.WipeReceipt is not null);
        var took = new[] { plan, (PhaseRecord)apply }.SelectMany(phase => phase.Steps).Where(step => step.Name == "wipe").Sum(step => step.Milliseconds);
        return receipts.Any(receipt => !receipt.IsClean)
            ? new RunStage("Wipe", StageState.Failed, TimeSpan.FromMilliseconds(took), "something was left")
            : new RunStage("Wipe", isComplete ? StageState.Done : StageState.Waiting, isComplete ? TimeSpan.FromMilliseconds(took) : null, isComplete ? "nothing left" : null);
    }
}
