using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>How a phase ended.</summary>
public enum PhaseEnding
{
    /// <summary>Terraform did what it was asked to.</summary>
    Succeeded,

    /// <summary>Something failed.</summary>
    Failed,

    /// <summary>Somebody stopped it.</summary>
    Canceled,

    /// <summary>This worker had to stop; what has changed nothing may be done again by another.</summary>
    Interrupted,

    /// <summary>Another worker has the run now. Nothing may be recorded.</summary>
    ClaimLost,
}

/// <param name="HasChanges">For a plan: applying it would change something.</param>
/// <param name="Summary">Null when there is no plan to count.</param>
/// <param name="Outcome">For an end that is no success: what happened, in a sentence or two.</param>
public sealed record PhaseResult(PhaseEnding Ending, bool HasChanges = false, PlanSummary? Summary = null, string? Outcome = null)
{
    /// <summary>The version that has made the plan: no other applies it. Null where there is none.</summary>
    public string? PlannedBy { get; init; }

    /// <summary>For an end that is no success: nothing was changed, for sure.</summary>
    public bool ChangedNothing { get; init; }

    /// <summary>Adds what the run's readers have to know besides.</summary>
    public PhaseResult With(string? note) => note is null ? this : this with { Outcome = $"{Outcome} {note}".Trim() };
}
