using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Workspaces;

/// <summary>One state, and the settings, variables and runs that change it.</summary>
public sealed class Workspace
{
    public const int MaxLockReasonLength = 1000;

    public required WorkspaceId Id { get; init; }

    public required OrganizationId OrganizationId { get; init; }

    public required ProjectId ProjectId { get; set; }

    public required string Name { get; set; }

    public string? Description { get; set; }

    public ExecutionMode ExecutionMode { get; set; } = ExecutionMode.Remote;

    /// <summary>Apply without asking when a plan has changes.</summary>
    public bool AutoApply { get; set; }

    /// <summary>The same for runs that another workspace's apply has queued.</summary>
    public bool AutoApplyRunTrigger { get; set; }

    public bool AllowDestroyPlan { get; set; } = true;

    /// <summary>An exact version such as <c>1.11.4</c>, or <c>latest</c> for the newest the workers have.</summary>
    public string TerraformVersion { get; set; } = LatestVersion;

    /// <summary>Where in the configuration terraform runs: a relative path, or empty for its root.</summary>
    public string WorkingDirectory { get; set; } = "";

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

    public required DateTimeOffset UpdatedAt { get; set; }

    public const string LatestVersion = "latest";

    public bool IsLocked => LockedByRunId is not null || LockedById is not null;

    internal sealed class Mapping : IEntityTypeConfiguration<Workspace>
    {
        public void Configure(EntityTypeBuilder<Workspace> entity)
        {
            entity.Property(workspace => workspace.Name).HasMaxLength(Names.MaxWorkspaceLength);
            entity.Property(workspace => workspace.Description).HasMaxLength(1000);
            entity.Property(workspace => workspace.TerraformVersion).HasMaxLength(40);
            entity.Property(workspace => workspace.WorkingDirectory).HasMaxLength(500);
            entity.Property(workspace => workspace.LockedById).HasMaxLength(Actor.MaxIdLength);
            entity.Property(workspace => workspace.LockedBy).HasMaxLength(Actor.MaxNameLength);
            entity.Property(workspace => workspace.LockReason).HasMaxLength(MaxLockReasonLength);
            entity.HasIndex(workspace => new { workspace.OrganizationId, workspace.Name }).IsUnique();
            entity.HasIndex(workspace => workspace.ProjectId);
        }
    }
}

[StoredAsText]
public enum ExecutionMode
{
    /// <summary>Terraform runs on a worker of this installation.</summary>
    Remote,

    /// <summary>Terraform runs where the user is; only the state is kept here.</summary>
    Local,

    /// <summary>Terraform runs on a named worker queue.</summary>
    Agent,
}
