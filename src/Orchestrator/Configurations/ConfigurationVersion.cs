using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Configurations;

/// <summary>One upload of a workspace's configuration. The archive itself is a blob.</summary>
public sealed class ConfigurationVersion
{
    public required ConfigurationVersionId Id { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    public ConfigurationVersionStatus Status { get; set; } = ConfigurationVersionStatus.Pending;

    /// <summary>Where it came from: <c>tfe-api</c>, <c>tfe-ui</c>, <c>terraform</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Runs of it can only plan.</summary>
    public bool Speculative { get; init; }

    /// <summary>Its author may not write to the repository it was proposed to.</summary>
    public bool FromFork { get; init; }

    /// <summary>It becomes the workspace's current configuration only when a run of it was applied.</summary>
    public bool Provisional { get; init; }

    /// <summary>The upload queues a run.</summary>
    public bool AutoQueueRuns { get; init; }

    /// <summary>Why the upload was refused, in a sentence for its author.</summary>
    public string? ErrorMessage { get; set; }

    /// <summary>Bytes of the compressed archive.</summary>
    public long? Size { get; set; }

    public string? CreatedById { get; init; }

    /// <summary>Null when it came by itself, from version control.</summary>
    public string? CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? UploadedAt { get; set; }

    public DateTimeOffset? ArchivedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<ConfigurationVersion>
    {
        public void Configure(EntityTypeBuilder<ConfigurationVersion> entity)
        {
            entity.Property(version => version.Source).HasMaxLength(40);
            entity.Property(version => version.CreatedById).HasMaxLength(Actor.MaxIdLength);
            entity.Property(version => version.CreatedBy).HasMaxLength(Actor.MaxNameLength);
            entity.Property(version => version.ErrorMessage).HasMaxLength(2000);
            entity.HasIndex(version => new { version.WorkspaceId, version.CreatedAt });
        }
    }
}

[StoredAsText]
public enum ConfigurationVersionStatus
{
    /// <summary>Waits for its upload.</summary>
    Pending,

    /// <summary>Is being fetched from version control.</summary>
    Fetching,

    /// <summary>Checked and stored; runs may use it.</summary>
    Uploaded,

    /// <summary>The upload was refused; <see cref="ConfigurationVersion.ErrorMessage"/> says why.</summary>
    Errored,

    /// <summary>The archive is gone.</summary>
    Archived,
}
