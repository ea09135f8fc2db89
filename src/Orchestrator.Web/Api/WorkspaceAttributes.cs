namespace Orchestrator.Web.Api;

/// <summary>What clients see of a workspace. What this server has none of (health assessments, destruction by the clock) is
/// told as it is, and cannot be set.</summary>
public sealed record WorkspaceAttributes
{
    public required string Name { get; init; }

    public required string? Description { get; init; }

    /// <summary>With what it inherits.</summary>
    public required string ExecutionMode { get; init; }

    public required bool Operations { get; init; }

    public required WorkspaceOverwrites SettingOverwrites { get; init; }

    public required bool AutoApply { get; init; }

    public required bool AutoApplyRunTrigger { get; init; }

    public required bool AllowDestroyPlan { get; init; }

    public required bool Locked { get; init; }

    public required string LockedReason { get; init; }

    /// <summary><c>terraform</c> or <c>tofu</c>; an addition of this server.</summary>
    public required string Engine { get; init; }

    public required string TerraformVersion { get; init; }

    public required string WorkingDirectory { get; init; }

    public required bool GlobalRemoteState { get; init; }

    public required bool ProjectRemoteState { get; init; }

    public required bool StructuredRunOutputEnabled { get; init; }

    public required bool SpeculativeEnabled { get; init; }

    public required bool QueueAllRuns { get; init; }

    public required bool FileTriggersEnabled { get; init; }

    public required IReadOnlyList<string> TriggerPrefixes { get; init; }

    public required IReadOnlyList<string> TriggerPatterns { get; init; }

    public required VcsRepoAttributes? VcsRepo { get; init; }

    public required string? VcsRepoIdentifier { get; init; }

    /// <summary>Of tags and of bindings alike.</summary>
    public required IReadOnlyList<string> TagNames { get; init; }

    public bool AssessmentsEnabled { get; }

    public DateTimeOffset? AutoDestroyAt { get; }

    public string? AutoDestroyActivityDuration { get; }

    public bool InheritsProjectAutoDestroy { get; }

    public required int ResourceCount { get; init; }

    public required string Source { get; init; }

    public required string? SourceName { get; init; }

    public required string? SourceUrl { get; init; }

    public string Environment { get; } = "default";

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required DateTimeOffset LatestChangeAt { get; init; }

    public required bool CanQueueDestroyPlan { get; init; }

    /// <summary>Milliseconds, over the last runs that ended.</summary>
    public required int? PlanDurationAverage { get; init; }

    public required int? ApplyDurationAverage { get; init; }

    public required int? RunFailures { get; init; }

    public required int? PolicyCheckFailures { get; init; }

    public required int? WorkspaceKpisRunsCount { get; init; }

    /// <summary>The run whose last state could not become this workspace's; an addition of this server.</summary>
    public required string? DivergedRunId { get; init; }

    public required WorkspaceActions Actions { get; init; }

    public required WorkspacePermissions Permissions { get; init; }
}

/// <param name="IsDestroyable">Its resources may be destroyed by a run.</param>
public sealed record WorkspaceActions(bool IsDestroyable);
