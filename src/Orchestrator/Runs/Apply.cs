using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>The second phase of a run. It exists from the run's creation on, so that clients have a log to wait for.</summary>
public sealed class Apply : PhaseRecord
{
    public required ApplyId Id { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Apply>
    {
        public void Configure(EntityTypeBuilder<Apply> entity)
        {
            entity.HasIndex(apply => apply.RunId).IsUnique();
            entity.Property(apply => apply.Worker).HasMaxLength(100);
            entity.Ignore(apply => apply.WipeReceipt);
            entity.Ignore(apply => apply.Steps);
        }
    }
}
