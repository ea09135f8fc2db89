using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.States;

/// <summary>One snapshot of a workspace's state. The document itself is an encrypted blob.</summary>
public sealed class StateVersion
{
    public const int MaxLineageLength = 100;
    public const int MaxTerraformVersionLength = 40;
    public const int MaxListedOutputs = 10_000;

    /// <summary>As far as every client counts exactly.</summary>
    public const long MaxSerial = (1L << 53) - 1;

    private const int CurrentFormat = 4;

    // A million characters are some ten thousand resources.
    private const int MaxContentsLength = 1024 * 1024;

    public required StateVersionId Id { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    /// <summary>The run that wrote it or that its writer names, when there is one.</summary>
    public RunId? RunId { get; init; }

    public required long Serial { get; init; }

    /// <summary>Which history it belongs to. Empty while it waits for its document and its writer has not said.</summary>
    public required string Lineage { get; set; }

    /// <summary>Lower-case hex MD5 of the raw state, as its writer declared it.</summary>
    public required string Md5 { get; init; }

    public StateVersionStatus Status { get; set; } = StateVersionStatus.Pending;

    /// <summary>The writer said that serial and lineage need not follow the current state's.</summary>
    public bool Forced { get; init; }

    /// <summary>Bytes of the raw state.</summary>
    public long Size { get; set; }

    /// <summary>The version of terraform's state format.</summary>
    public int Format { get; set; } = CurrentFormat;

    /// <summary>Instances that terraform manages.</summary>
    public int ResourceCount { get; set; }

    /// <summary>JSON of <see cref="StateContents"/>; null before the document has come, and for a state of very many resources.</summary>
    public string? ContentsJson { get; set; }

    /// <summary>Outputs of the state. Those of a state that has more than <see cref="MaxListedOutputs"/> are not listed.</summary>
    public int OutputCount { get; set; }

    /// <summary>The readable form (<c>terraform show -json</c>) has been sent, too.</summary>
    public bool HasJson { get; set; }

    public string? TerraformVersion { get; set; }

    /// <summary>The one that was current before it.</summary>
    public StateVersionId? PreviousId { get; set; }

    /// <summary>The one whose content it brought back.</summary>
    public StateVersionId? RollbackOfId { get; init; }

    public required string? CreatedById { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public StateContents? Contents => ContentsJson is null ? null : StateContents.Parse(ContentsJson);

    /// <summary>A run's terraform has written it, and not somebody who only names a run.</summary>
    public bool IsOfRun => RunId is { } run && run.Value == CreatedById;

    /// <summary>Who may deliver its document.</summary>
    internal StateWriter Writer => new(IsOfRun ? RunId : null, new Actor(CreatedById, CreatedBy));

    /// <summary>Takes over what its document says.</summary>
    internal void Complete(StateDocument document, long size)
    {
        Status = StateVersionStatus.Finalized;
        Size = size;
        Format = document.Format;
        Lineage = document.Lineage;
        TerraformVersion = document.TerraformVersion;
        ResourceCount = document.Contents.ManagedCount;
        ContentsJson = document.Contents.ToJson() is { Length: <= MaxContentsLength } contents ? contents : null;
        OutputCount = document.Outputs.Count;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<StateVersion>
    {
        public void Configure(EntityTypeBuilder<StateVersion> entity)
        {
            entity.Property(version => version.Lineage).HasMaxLength(MaxLineageLength);
            entity.Property(version => version.Md5).HasMaxLength(32);
            entity.Property(version => version.TerraformVersion).HasMaxLength(MaxTerraformVersionLength);
            entity.Property(version => version.CreatedById).HasMaxLength(Actor.MaxIdLength);
            entity.Property(version => version.CreatedBy).HasMaxLength(Actor.MaxNameLength);
            entity.Property(version => version.Format).HasDefaultValue(CurrentFormat);
            entity.Ignore(version => version.Contents);
            entity.Ignore(version => version.IsOfRun);
            entity.Ignore(version => version.Writer);
            entity.HasIndex(version => new { version.WorkspaceId, version.Serial });
            entity.HasIndex(version => version.RunId);
            entity.HasIndex(version => version.PreviousId);
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

    /// <summary>A newer one arrived before this one's document did, or its writer's lock was gone by then.</summary>
    Discarded,

    /// <summary>Its document is out of sight, and can be brought back.</summary>
    BackingDataSoftDeleted,

    /// <summary>Its document is gone.</summary>
    BackingDataPermanentlyDeleted,
}
