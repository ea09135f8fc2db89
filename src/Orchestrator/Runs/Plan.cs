using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>The first phase of a run. Its plan file and JSON are encrypted blobs.</summary>
public sealed class Plan : PhaseRecord
{
    public required PlanId Id { get; init; }

    /// <summary>Applying it would change something: resources, outputs, or the recorded state of a refresh-only run.</summary>
    public bool HasChanges { get; set; }

    /// <summary>Terraform has written configuration for something that is to be imported; it is in the plan's JSON.</summary>
    public bool GeneratedConfiguration { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Plan>
    {
        public void Configure(EntityTypeBuilder<Plan> entity)
        {
            entity.HasIndex(plan => plan.RunId).IsUnique();
            entity.Property(plan => plan.Worker).HasMaxLength(100);
            entity.Ignore(plan => plan.WipeReceipt);
            entity.Ignore(plan => plan.Steps);
        }
    }
}
