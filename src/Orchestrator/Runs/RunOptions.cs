using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Orchestrator.Runs;

/// <summary>What kind of run it is. Fixed at creation.</summary>
public sealed record RunOptions
{
    public bool IsDestroy { get; init; }

    /// <summary>Read the real infrastructure before planning.</summary>
    public bool Refresh { get; init; } = true;

    /// <summary>Record what has changed in the real infrastructure, and change nothing.</summary>
    public bool RefreshOnly { get; init; }

    /// <summary>Never applied, whatever the plan says.</summary>
    public bool PlanOnly { get; init; }

    /// <summary>The plan waits outside the queue until somebody applies it.</summary>
    public bool SavePlan { get; init; }

    /// <summary>Nobody is asked once there is a plan. Decided at creation, from the request, the workspace and what its author may do.</summary>
    public bool AutoApply { get; init; }

    /// <summary>Apply also a plan without changes.</summary>
    public bool AllowEmptyApply { get; init; }

    /// <summary>Write configuration for what <c>import</c> blocks name and the configuration lacks.</summary>
    public bool AllowConfigGeneration { get; init; }

    public IReadOnlyList<string> TargetAddresses { get; init; } = [];

    public IReadOnlyList<string> ReplaceAddresses { get; init; } = [];

    public RunOperation Operation => this switch
    {
        { PlanOnly: true } => RunOperation.PlanOnly,
        { SavePlan: true } => RunOperation.SavePlan,
        { IsDestroy: true } => RunOperation.Destroy,
        { RefreshOnly: true } => RunOperation.RefreshOnly,
        { AllowEmptyApply: true } => RunOperation.EmptyApply,
        _ => RunOperation.PlanAndApply,
    };

    internal static void Map(ComplexPropertyBuilder<RunOptions> options)
    {
        options.Ignore(option => option.Operation);
        options.Property(option => option.TargetAddresses).HasConversion(AddressList.Converter, AddressList.Comparer);
        options.Property(option => option.ReplaceAddresses).HasConversion(AddressList.Converter, AddressList.Comparer);
    }
}
