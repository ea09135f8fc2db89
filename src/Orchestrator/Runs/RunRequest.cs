using Orchestrator.Data;
using Orchestrator.Variables;

namespace Orchestrator.Runs;

/// <summary>A run somebody asks for, checked by nobody yet.</summary>
/// <remarks>What its author may do counts at this moment. As in HCP Terraform, a run goes on as it was queued, and one that applies by itself
/// applies, also when its author has lost the right meanwhile, or the account: whoever may, cancels it.</remarks>
public sealed record RunRequest(WorkspaceId WorkspaceId, Actor CreatedBy, string Source)
{
    /// <summary>Null: the workspace's newest uploaded one.</summary>
    public ConfigurationVersionId? ConfigurationVersionId { get; init; }
    public string? Message { get; init; }
    public bool IsDestroy { get; init; }
    public bool Refresh { get; init; } = true;
    public bool RefreshOnly { get; init; }
    /// <summary>Null: as the configuration version says.</summary>
    public bool? PlanOnly { get; init; }
    public bool SavePlan { get; init; }
    /// <summary>Null: the workspace's setting.</summary>
    public bool? AutoApply { get; init; }
    /// <summary>Its author may confirm runs; one who may not gets none that confirms itself.</summary>
    public bool MayApply { get; init; } = true;
    /// <summary>Its phases may have cloud credentials on its author's account.</summary>
    public bool MayUseCredentials { get; init; } = true;
    public bool AllowEmptyApply { get; init; }
    public bool AllowConfigGeneration { get; init; }
    public IReadOnlyList<string> TargetAddresses { get; init; } = [];
    public IReadOnlyList<string> ReplaceAddresses { get; init; } = [];
    /// <summary>Null: the workspace's. Another one only to look what it would do.</summary>
    public string? TerraformVersion { get; init; }
    public RunReason Reason { get; init; }
    /// <summary>The run of another workspace that it follows.</summary>
    public Run? TriggeredBy { get; init; }
    /// <summary>The run's own input variables; they win over the workspace's, and lose against sets with priority.</summary>
    public IReadOnlyList<PlainVariable> Variables { get; init; } = [];
}

/// <summary>The run, or why there is none.</summary>
/// <param name="Field">The attribute at fault, in the API's spelling; null when none is.</param>
public sealed record RunRequestResult(Run? Run, string? Refusal = null, string? Field = null)
{
    public static RunRequestResult Refused(string reason, string? field = null) => new(null, reason, field);
}
