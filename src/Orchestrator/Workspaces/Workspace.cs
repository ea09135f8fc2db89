using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Workspaces;

/// <summary>One state, and the settings, variables and runs that change it.</summary>
public sealed class Workspace
{
    public const int MaxLockReasonLength = 1000;
    public const int MaxSourceLength = 500;

    public required WorkspaceId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    public required ProjectId ProjectId { get; set; }

    public required string Name { get; set; }

    public string? Description { get; set; }

    /// <summary>Null: the project's, or else the organisation's.</summary>
    public ExecutionMode? ExecutionMode { get; set; }

    /// <summary>Whose workers carry its runs out, where the mode is <see cref="Data.ExecutionMode.Agent"/>. Null: the project's, or else the
    /// organisation's.</summary>
    public AgentPoolId? AgentPoolId { get; set; }

    /// <summary>By which terraform's git fetches modules.</summary>
    public SshKeyId? SshKeyId { get; set; }

    /// <summary>Apply without asking when a plan has changes.</summary>
    public bool AutoApply { get; set; }

    /// <summary>The same for runs that another workspace's apply has queued.</summary>
    public bool AutoApplyRunTrigger { get; set; }

    public bool AllowDestroyPlan { get; set; } = true;

    /// <summary>Every workspace of the organisation may read this one's state.</summary>
    public bool GlobalRemoteState { get; set; }

    /// <summary>Every workspace of the project may read this one's state.</summary>
    public bool ProjectRemoteState { get; set; }

    /// <summary>The repository's events queue runs before somebody has queued the first one.</summary>
    public bool QueueAllRuns { get; set; }

    /// <summary>Pull requests get a plan.</summary>
    public bool SpeculativeEnabled { get; set; } = true;

    /// <summary>Only commits that touch <see cref="TriggerPrefixes"/> or <see cref="TriggerPatterns"/> queue runs.</summary>
    public bool FileTriggersEnabled { get; set; } = true;

    /// <summary>Paths in the repository. Either these or the patterns.</summary>
    public IReadOnlyList<string> TriggerPrefixes { get; set; } = [];

    public IReadOnlyList<string> TriggerPatterns { get; set; } = [];

    /// <summary>The CLI may show the plan itself, from its JSON.</summary>
    public bool StructuredRunOutputEnabled { get; set; }

    public EngineKind Engine { get; set; }

    /// <summary>An exact version such as <c>1.11.4</c>, a constraint such as <c>~&gt; 1.11.0</c>, or <c>latest</c> for the newest that the
    /// workers have.</summary>
    public string TerraformVersion { get; set; } = TerraformVersions.Latest;

    /// <summary>Where in the configuration terraform runs: a relative path, or empty for its root.</summary>
    /// <summary>As it was written, with the slashes around it: clients compare it with what they have sent.</summary>
    public string WorkingDirectory { get; set; } = "";

    /// <summary>The front door it came through: <c>tfe-api</c> or <c>tfe-ui</c>.</summary>
    public string Source { get; init; } = "tfe-api";

    /// <summary>What made it, when that said so.</summary>
    public string? SourceName { get; init; }

    public string? SourceUrl { get; init; }

    public StateVersionId? CurrentStateVersionId { get; set; }

    /// <summary>The newest run that may change state; plan-only runs never are.</summary>
    public RunId? CurrentRunId { get; set; }

    /// <summary>The run that holds the lock. Together with <see cref="LockedById"/> this is the mutex of the workspace's
    /// queue, so it is only ever changed by a guarded statement in <see cref="WorkspaceLocks"/>.</summary>
    public RunId? LockedByRunId { get; private set; }

    /// <summary>The user or team that holds the lock.</summary>
    public string? LockedById { get; private set; }

    /// <summary>The holder's name.</summary>
    public string? LockedBy { get; private set; }

    public string? LockReason { get; private set; }

    public DateTimeOffset? LockedAt { get; private set; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The last change of its settings, its state or its current run.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>How its last runs went; written when one ends.</summary>
    public WorkspaceFigures Figures { get; set; } = new();

    /// <summary>How many resources the last plan has found changed outside of terraform; an apply, or a plan that finds none, sets it back.</summary>
    public int DriftedResources { get; private set; }

    /// <summary>The run that has found them; null when there are none.</summary>
    public RunId? DriftRunId { get; private set; }

    /// <summary>The run whose last state could not become this workspace's; null when there is none, a later state came, or somebody has said that
    /// it does not matter.</summary>
    public RunId? DivergedRunId { get; private set; }

    public bool IsLocked => LockedByRunId is not null || LockedById is not null;

    internal sealed class Mapping : IEntityTypeConfiguration<Workspace>
    {
        public void Configure(EntityTypeBuilder<Workspace> entity)
        {
            entity.Property(workspace => workspace.Name).HasMaxLength(Names.MaxWorkspaceLength);
            entity.Property(workspace => workspace.Description).HasMaxLength(1000);
            entity.Property(workspace => workspace.TerraformVersion).HasMaxLength(TerraformVersions.MaxLength);
            entity.Property(workspace => workspace.Engine).HasDefaultValue(EngineKind.Terraform);
            entity.Property(workspace => workspace.WorkingDirectory).HasMaxLength(500);
            entity.Property(workspace => workspace.LockedById).HasMaxLength(Actor.MaxIdLength);
            entity.Property(workspace => workspace.LockedBy).HasMaxLength(Actor.MaxNameLength);
            entity.Property(workspace => workspace.LockReason).HasMaxLength(MaxLockReasonLength);
            entity.HasIndex(workspace => new { workspace.OrganizationId, workspace.Name }).IsUnique();
            entity.Property(workspace => workspace.SpeculativeEnabled).HasDefaultValue(true).HasSentinel(true);
            entity.Property(workspace => workspace.FileTriggersEnabled).HasDefaultValue(true).HasSentinel(true);
            entity.Property(workspace => workspace.TriggerPrefixes).HasConversion(TextList.Converter, TextList.Comparer);
            entity.Property(workspace => workspace.TriggerPatterns).HasConversion(TextList.Converter, TextList.Comparer);
            entity.Property(workspace => workspace.Source).HasMaxLength(40).HasDefaultValue("tfe-api");
            entity.Property(workspace => workspace.SourceName).HasMaxLength(MaxSourceLength);
            entity.Property(workspace => workspace.SourceUrl).HasMaxLength(MaxSourceLength);
            entity.ComplexProperty(workspace => workspace.Figures);
            entity.HasIndex(workspace => workspace.ProjectId);
            entity.HasIndex(workspace => workspace.AgentPoolId);
            entity.HasIndex(workspace => workspace.SshKeyId);
            entity.HasIndex(workspace => workspace.CurrentRunId);
            entity.HasIndex(workspace => workspace.DriftRunId);
            // The lists of workspaces count them by their runs' statuses, and show first what has changed last.
            entity.HasIndex(workspace => new { workspace.OrganizationId, workspace.CurrentRunId });
            entity.HasIndex(workspace => new { workspace.OrganizationId, workspace.UpdatedAt });
            entity.HasIndex(workspace => workspace.UpdatedAt);
        }
    }
}

/// <summary>Figures over a workspace's last runs, as many as <see cref="Runs"/> says.</summary>
public sealed record WorkspaceFigures
{
    /// <summary>Null before the first run has ended.</summary>
    public int? Runs { get; init; }

    public int? PlanMilliseconds { get; init; }

    public int? ApplyMilliseconds { get; init; }

    /// <summary>Those that ended errored.</summary>
    public int? Failures { get; init; }
}
