using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>A workspace follows another: whenever a run is applied there, one is queued here.</summary>
public sealed class RunTrigger
{
    public required RunTriggerId Id { get; init; }

    /// <summary>The workspace that follows.</summary>
    public required WorkspaceId WorkspaceId { get; init; }

    /// <summary>The one that it follows, of the same organisation.</summary>
    public required WorkspaceId SourceableId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<RunTrigger>
    {
        public void Configure(EntityTypeBuilder<RunTrigger> entity)
        {
            entity.HasIndex(trigger => new { trigger.WorkspaceId, trigger.SourceableId }).IsUnique();
            entity.HasIndex(trigger => trigger.SourceableId);
        }
    }
}

/// <summary>A run that has to be queued because another was applied. Written with the end of that apply and removed with the creation
/// of the run, so that a crash between the two neither loses it nor makes it twice.</summary>
public sealed class DueTrigger
{
    public required RunId SourceRunId { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<DueTrigger>
    {
        public void Configure(EntityTypeBuilder<DueTrigger> entity) => entity.HasKey(due => new { due.SourceRunId, due.WorkspaceId });
    }
}
