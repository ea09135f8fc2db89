using System.ComponentModel.DataAnnotations;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>How long things may take, and how many at once. Section <c>Orchestrator:Runs</c>.</summary>
public sealed class RunLimits
{
    /// <summary>Then terraform is interrupted, and the run ends errored. Default two hours.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan PlanTimeout { get; set; } = TimeSpan.FromHours(2);

    /// <summary>As <see cref="PlanTimeout"/>, for the apply. Default 24 hours.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan ApplyTimeout { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How long an interrupted terraform may take to save its state before it is killed. Default five minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan TimeToSave { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long after a cancel a force-cancel becomes possible. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan ForceCancelAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Phases that the whole installation carries out at once. Default: as many as its workers have slots.</summary>
    [Range(1, Concurrency.Max)]
    public int? MaxConcurrent { get; set; }

    public TimeSpan For(RunPhase phase) => phase == RunPhase.Plan ? PlanTimeout : ApplyTimeout;
}
