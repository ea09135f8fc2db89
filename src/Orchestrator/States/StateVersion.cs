using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.States;

/// <summary>One snapshot of a workspace's state. The document itself is an encrypted blob.</summary>
public sealed class StateVersion
{
    public const int MaxLineageLength = 100;
    public const int MaxTerraformVersionLength = 40;

    public required StateVersionId Id { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    /// <summary>The run that wrote it, when one did.</summary>
    public RunId? RunId { get; init; }

    public required long Serial { get; init; }

    public required string Lineage { get; init; }

    /// <summary>Lower-case hex MD5 of the raw state, as its writer declared it.</summary>
    public required string Md5 { get; init; }

    public StateVersionStatus Status { get; set; } = StateVersionStatus.Pending;

    /// <summary>The writer said that serial and lineage need not follow the current state's.</summary>
    public bool Forced { get; init; }

    /// <summary>Bytes of the raw state.</summary>
    public long Size { get; set; }

    public int ResourceCount { get; set; }

    public string? TerraformVersion { get; set; }

    public required string? CreatedById { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<StateVersion>
    {
        public void Configure(EntityTypeBuilder<StateVersion> entity)
        {
            entity.Property(version => version.Lineage).HasMaxLength(MaxLineageLength);
            entity.Property(version => version.Md5).HasMaxLength(32);
            entity.Property(version => version.TerraformVersion).HasMaxLength(MaxTerraformVersionLength);
            entity.Property(version => version.CreatedById).HasMaxLength(Actor.MaxIdLength);
            entity.Property(version => version.CreatedBy).HasMaxLength(Actor.MaxNameLength);
            entity.HasIndex(version => new { version.WorkspaceId, version.Serial });
            entity.HasIndex(version => version.RunId);
        }
    }
}

[StoredAsText]
public enum StateVersionStatus
{
    /// <summary>Announced; the document has not arrived.</summary>
    Pending,

    /// <summary>Complete and checked.</summary>
    Finalized,

    /// <summary>A newer one arrived before this one's document did.</summary>
    Discarded,
}
