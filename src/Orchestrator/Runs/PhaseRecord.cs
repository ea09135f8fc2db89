namespace Orchestrator.Runs;

/// <summary>What plans and applies have in common: how far they are, what they change, and how they were wiped.</summary>
public abstract class PhaseRecord
{
    public required Data.RunId RunId { get; init; }

    public PhaseStatus Status { get; set; } = PhaseStatus.Pending;

    public DateTimeOffset? QueuedAt { get; set; }

    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>The worker process that carries it out, or did.</summary>
    public string? Worker { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Bytes of the whole log; set when its last line is stored.</summary>
    public long? LogLength { get; set; }

    public int? Additions { get; set; }

    public int? Changes { get; set; }

    public int? Destructions { get; set; }

    public int? Imports { get; set; }

    public int? Moves { get; set; }

    /// <summary>JSON of a <see cref="WipeReceipt"/>; null while the phase runs.</summary>
    public string? WipeReceiptJson { get; set; }

    /// <summary>JSON of a list of <see cref="PhaseStep"/>: how long each step took.</summary>
    public string? StepsJson { get; set; }

    public WipeReceipt? WipeReceipt => WipeReceipt.Parse(WipeReceiptJson);

    public IReadOnlyList<PhaseStep> Steps => PhaseStep.Parse(StepsJson);

    public bool IsOver => Status is PhaseStatus.Finished or PhaseStatus.Errored or PhaseStatus.Canceled or PhaseStatus.Unreachable;
}
