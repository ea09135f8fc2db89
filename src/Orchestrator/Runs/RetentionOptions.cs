using System.ComponentModel.DataAnnotations;
using Orchestrator.Organizations;

namespace Orchestrator.Runs;

/// <summary>How long the installation keeps what runs leave behind, where an organisation does not say otherwise. Section
/// <c>Orchestrator:Retention</c>. Default: for ever.</summary>
public sealed class RetentionOptions
{
    private const string Days = "Orchestrator__Retention__…Days is a number of days from 1 to 36500. Leave it out to keep everything.";
    private const string Count = "Orchestrator__Retention__…Count is how many of each workspace are kept, from 1 to 1000000. Leave it out to go by age alone.";

    /// <summary>Logs of runs that are over go when they are so many days old.</summary>
    [Range(1, RetentionRule.MaxDays, ErrorMessage = Days)]
    public int? LogDays { get; set; }

    /// <summary>But those of so many runs of each workspace stay, the newest ones.</summary>
    [Range(1, RetentionRule.MaxCount, ErrorMessage = Count)]
    public int? LogCount { get; set; }

    [Range(1, RetentionRule.MaxDays, ErrorMessage = Days)]
    public int? PlanDays { get; set; }

    [Range(1, RetentionRule.MaxCount, ErrorMessage = Count)]
    public int? PlanCount { get; set; }

    [Range(1, RetentionRule.MaxDays, ErrorMessage = Days)]
    public int? ConfigurationDays { get; set; }

    [Range(1, RetentionRule.MaxCount, ErrorMessage = Count)]
    public int? ConfigurationCount { get; set; }

    [Range(1, RetentionRule.MaxDays, ErrorMessage = Days)]
    public int? StateDays { get; set; }

    [Range(1, RetentionRule.MaxCount, ErrorMessage = Count)]
    public int? StateCount { get; set; }

    public KeptFor For(RetainedKind kind) => kind switch
    {
        RetainedKind.Logs => new KeptFor(LogDays, LogCount),
        RetainedKind.Plans => new KeptFor(PlanDays, PlanCount),
        RetainedKind.Configurations => new KeptFor(ConfigurationDays, ConfigurationCount),
        RetainedKind.States => new KeptFor(StateDays, StateCount),
    };
}

/// <summary>What is young enough is kept, and what is among the newest. With neither, everything is.</summary>
public sealed record KeptFor(int? Days, int? Count)
{
    public bool IsForEver => Days is null && Count is null;
}
