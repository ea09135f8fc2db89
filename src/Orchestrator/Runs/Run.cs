using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>One plan, and the apply that may follow. This row is the truth; the job queue only carries its id.</summary>
public sealed class Run
{
    public const int MaxOutcomeLength = 4000;

    public required RunId Id { get; init; }

    public required WorkspaceId WorkspaceId { get; init; }

    /// <summary>The workspace's, which never changes: its runs are listed together.</summary>
    public required OrganizationId OrganizationId { get; init; }

    public required ConfigurationVersionId ConfigurationVersionId { get; init; }

    /// <summary>Only <see cref="RunTransitions"/> changes it.</summary>
    public RunStatus Status { get; private set; } = RunStatus.Pending;

    public required RunOptions Options { get; init; }

    /// <summary>Follows from <see cref="Options"/>; a column of its own for the indices of lists.</summary>
    public required RunOperation Operation { get; init; }

    public string? Message { get; init; }

    /// <summary>The front door it came through: one of <see cref="RunSource"/>.</summary>
    public required string Source { get; init; }

    public RunReason Reason { get; init; }

    /// <summary>The run of another workspace that this one follows; it may have been removed since.</summary>
    public RunId? TriggeredByRunId { get; init; }

    /// <summary>That run's workspace.</summary>
    public WorkspaceId? TriggeringWorkspaceId { get; init; }

    public required string? CreatedById { get; init; }

    /// <summary>The name its creator had then, as every name that is kept beside an id.</summary>
    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its row last said something new to a reader; a worker's signs of life do not count.</summary>
    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Who queued it may not run with credentials.</summary>
    public bool PlansWithoutCredentials { get; init; }

    /// <summary>The same of who confirmed it; as long as nobody has, of who queued it.</summary>
    public bool AppliesWithoutCredentials { get; init; }

    public string? ConfirmedById { get; private set; }

    public string? ConfirmedBy { get; private set; }

    /// <summary>The workspace's variables as they were at creation, and the run's own, encrypted: a run is of one piece.</summary>
    public required byte[] ProtectedVariables { get; init; }

    /// <summary>Those among them that the run brought along, encrypted; null when it brought none.</summary>
    public byte[]? ProtectedOwnVariables { get; init; }

    /// <summary>The workspace's setting at creation.</summary>
    public EngineKind Engine { get; init; }

    /// <summary>The workspace's setting at creation; from the end of the plan on, the very version that has made it, and applies it.</summary>
    public required string TerraformVersion { get; init; }

    public required string WorkingDirectory { get; init; }

    /// <summary>The workspace's state when the plan began; null when there was none, or no plan yet.</summary>
    public StateVersionId? InputStateVersionId { get; private set; }

    /// <summary>Whose workers carry it out; null: this installation's own. The workspace's setting at creation.</summary>
    public AgentPoolId? AgentPoolId { get; init; }

    /// <summary>For a run that did not end well: what happened and what to do, in a sentence or two.</summary>
    public string? Outcome { get; private set; }

    /// <summary>The apply's last state could not become the workspace's: a copy is kept, and somebody has to bring the two together.</summary>
    public bool StateDiverged { get; private set; }

    /// <summary>The worker process that has claimed the current phase.</summary>
    public string? ClaimedBy { get; private set; }

    /// <summary>The worker's last sign of life while it holds the claim; while the run waits for a worker, when it was last handed
    /// over to them.</summary>
    public DateTimeOffset? HeartbeatAt { get; private set; }

    /// <summary>How long after <see cref="HeartbeatAt"/> the claim holds, at least: as much as the worker may go on without a further sign of
    /// life. 0 when no other process can take it over, and for a version that did not write it.</summary>
    public int LeaseSeconds { get; private set; }

    /// <summary>How often its plan was started; more than once only when a worker died or had to stop.</summary>
    public int PlanAttempts { get; private set; }

    /// <summary>The same of its apply, which is started again only where <see cref="ApplyIsHeld"/> says that nothing was changed.</summary>
    public int ApplyAttempts { get; private set; }

    /// <summary>A worker has claimed the apply, and has not let terraform go yet. False for a claim by a version that did not write it.</summary>
    public bool ApplyIsHeld { get; private set; }

    /// <summary>When its logs were removed by the retention policy; null while they are there.</summary>
    public DateTimeOffset? LogsRemovedAt { get; private set; }

    /// <summary>The same of its plan: the file, the JSON and what belongs to them.</summary>
    public DateTimeOffset? PlanRemovedAt { get; private set; }

    /// <summary>A W3C <c>traceparent</c>: where its phases go on with the trace that made it. Null when nobody traced that.</summary>
    public string? TraceContext { get; init; }

    /// <summary>Somebody asked terraform to stop and save its state.</summary>
    public DateTimeOffset? CancelRequestedAt { get; private set; }

    /// <summary>Somebody asked for the whole process tree to be killed.</summary>
    public DateTimeOffset? ForceCancelRequestedAt { get; private set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Run>
    {
        public void Configure(EntityTypeBuilder<Run> entity)
        {
            entity.Property(run => run.Message).HasMaxLength(4000);
            entity.Property(run => run.Source).HasMaxLength(40);
            entity.Property(run => run.CreatedById).HasMaxLength(Actor.MaxIdLength);
            entity.Property(run => run.CreatedBy).HasMaxLength(Actor.MaxNameLength);
            entity.Property(run => run.ConfirmedById).HasMaxLength(Actor.MaxIdLength);
            entity.Property(run => run.ConfirmedBy).HasMaxLength(Actor.MaxNameLength);
            entity.Property(run => run.Reason).HasDefaultValue(RunReason.Manual);
            entity.Property(run => run.TerraformVersion).HasMaxLength(40);
            entity.Property(run => run.Engine).HasDefaultValue(EngineKind.Terraform);
            entity.Property(run => run.WorkingDirectory).HasMaxLength(500);
            entity.Property(run => run.Outcome).HasMaxLength(MaxOutcomeLength);
            entity.Property(run => run.ClaimedBy).HasMaxLength(100);
            entity.Property(run => run.TraceContext).HasMaxLength(Tracing.ContextLength);
            entity.ComplexProperty(run => run.Options, RunOptions.Map);
            // The workspace's queue and its list of runs, oldest or newest first. The operation is there for the list, which leaves
            // out what is plan-only, to be read and counted from the index alone.
            entity.HasIndex(run => new { run.WorkspaceId, run.CreatedAt, run.Operation });
            entity.HasIndex(run => new { run.OrganizationId, run.CreatedAt, run.Operation });
            // One run of a workspace follows another's only once.
            entity.HasIndex(run => new { run.TriggeredByRunId, run.WorkspaceId }).IsUnique();
            // What the sweep looks for: runs that are not over.
            entity.HasIndex(run => new { run.Status, run.HeartbeatAt });
            // The few of a pool, an organisation, a workspace or a configuration that are in a status, among all that they have ever had. SQLite
            // knows nothing of how many there are: it takes the index in which it finds the most of what is asked for.
            entity.HasIndex(run => new { run.AgentPoolId, run.Status });
            entity.HasIndex(run => new { run.OrganizationId, run.Status });
            entity.HasIndex(run => new { run.WorkspaceId, run.Status });
            entity.HasIndex(run => new { run.ConfigurationVersionId, run.Status });
            // What the lists of workspaces join to, and the newest of a status: read from the index alone.
            entity.HasIndex(run => new { run.Id, run.Status });
            entity.HasIndex(run => new { run.Status, run.CreatedAt, run.Id });
        }
    }
}
