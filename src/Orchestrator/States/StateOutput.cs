using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.States;

/// <summary>An output of one state version. Its value rests encrypted, whether terraform calls it sensitive or not.</summary>
public sealed class StateOutput
{
    public const int MaxNameLength = 500;

    public required StateOutputId Id { get; init; }

    public required StateVersionId StateVersionId { get; init; }

    public required string Name { get; init; }

    public required bool Sensitive { get; init; }

    /// <summary>Its type in terraform's JSON spelling: <c>"string"</c>, <c>["list","number"]</c>.</summary>
    public required string DetailedType { get; init; }

    /// <summary>The value as JSON, sealed.</summary>
    public required byte[] ProtectedValue { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<StateOutput>
    {
        public void Configure(EntityTypeBuilder<StateOutput> entity)
        {
            entity.Property(output => output.Name).HasMaxLength(MaxNameLength);
            entity.HasIndex(output => output.StateVersionId);
        }
    }
}
