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

    public bool AutoApply { get; init; }

    /// <summary>Apply also a plan without changes; implies that nobody is asked.</summary>
    public bool AllowEmptyApply { get; init; }

    public IReadOnlyList<string> TargetAddresses { get; init; } = [];

    public IReadOnlyList<string> ReplaceAddresses { get; init; } = [];

    internal static void Map(ComplexPropertyBuilder<RunOptions> options)
    {
        options.Property(option => option.TargetAddresses).HasConversion(AddressList.Converter, AddressList.Comparer);
        options.Property(option => option.ReplaceAddresses).HasConversion(AddressList.Converter, AddressList.Comparer);
    }
}
