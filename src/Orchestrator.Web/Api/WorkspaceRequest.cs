using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tags;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

/// <summary>A workspace's settings as a client sends them; what is absent stays as it is.</summary>
public sealed record WorkspaceRequest
{
    public Optional<string?> Name { get; init; }

    public Optional<string?> Description { get; init; }

    public Optional<string?> ExecutionMode { get; init; }

    public Optional<bool?> Operations { get; init; }

    public Optional<string?> AgentPoolId { get; init; }

    public WorkspaceOverwritesRequest? SettingOverwrites { get; init; }

    public Optional<bool?> AutoApply { get; init; }

    public Optional<bool?> AutoApplyRunTrigger { get; init; }

    public Optional<bool?> AllowDestroyPlan { get; init; }

    /// <summary><c>terraform</c> or <c>tofu</c>; an addition of this server.</summary>
    public Optional<string?> Engine { get; init; }

    public Optional<string?> TerraformVersion { get; init; }

    public Optional<string?> WorkingDirectory { get; init; }

    public Optional<bool?> GlobalRemoteState { get; init; }

    public Optional<bool?> ProjectRemoteState { get; init; }

    public Optional<bool?> QueueAllRuns { get; init; }

    public Optional<bool?> SpeculativeEnabled { get; init; }

    public Optional<bool?> FileTriggersEnabled { get; init; }

    public IReadOnlyList<string?>? TriggerPrefixes { get; init; }

    public IReadOnlyList<string?>? TriggerPatterns { get; init; }

    public Optional<bool?> StructuredRunOutputEnabled { get; init; }

    public Optional<string?> SourceName { get; init; }

    public Optional<string?> SourceUrl { get; init; }

    /// <summary>Null takes the repository away.</summary>
    public Optional<VcsRepoRequest?> VcsRepo { get; init; }

    public Optional<bool?> AssessmentsEnabled { get; init; }

    public Optional<string?> AutoDestroyAt { get; init; }

    public Optional<string?> AutoDestroyActivityDuration { get; init; }

    /// <exception cref="ApiProblem">It asks for what this server does not have, or contradicts itself.</exception>
    public static WorkspaceChange ChangeOf(RequestResource<WorkspaceRequest> body)
    {
        var wanted = body.Attributes!;
        wanted.RefuseWhatIsNotThere();
        return new WorkspaceChange(wanted.Edit())
        {
            Project = body.RelatedId("project") is { } project ? new ProjectId(project) : null,
            OverwritesExecutionMode = wanted.SettingOverwrites?.ExecutionMode.Value,
            OverwritesAgentPool = wanted.SettingOverwrites?.AgentPool.Value,
            Tags = TagsOf(body),
            Repository = wanted.VcsRepo switch
            {
                { IsSet: false } => null,
                { Value: { } repository } => repository.ToChange(),
                _ => RepositoryChange.Removal,
            },
        };
    }

    /// <summary>Clients may send both generations of tags; a binding of the same key says more.</summary>
    private static IReadOnlyList<Tag>? TagsOf(RequestResource<WorkspaceRequest> body)
    {
        var bindings = TagRequest.TagsOf(body.RelatedItems<TagRequest>("tag-bindings"), "tag-bindings");
        var tags = TagRequest.TagsOf(body.RelatedItems<TagRequest>("tags"), "tags");
        return bindings is null || tags is null
            ? bindings ?? tags
            : [.. bindings, .. tags.Where(tag => bindings.All(binding => binding.Key != tag.Key))];
    }

    private WorkspaceEdit Edit() => new()
    {
        Name = Name.IsSet ? Name.Value ?? "" : null,
        Description = Description.IsSet ? Description.Value ?? "" : null,
        ExecutionMode = Mode(),
        AgentPool = AgentPoolId.Value is { Length: > 0 } pool ? new AgentPoolId(pool) : null,
        AutoApply = AutoApply.Value,
        AutoApplyRunTrigger = AutoApplyRunTrigger.Value,
        AllowDestroyPlan = AllowDestroyPlan.Value,
        Engine = Engine.Value,
        TerraformVersion = TerraformVersion.Value,
        WorkingDirectory = WorkingDirectory.IsSet ? WorkingDirectory.Value ?? "" : null,
        GlobalRemoteState = GlobalRemoteState.Value,
        ProjectRemoteState = ProjectRemoteState.Value,
        QueueAllRuns = QueueAllRuns.Value,
        SpeculativeEnabled = SpeculativeEnabled.Value,
        FileTriggersEnabled = FileTriggersEnabled.Value,
        TriggerPrefixes = TriggerPrefixes?.Select(path => path ?? "").ToArray(),
        TriggerPatterns = TriggerPatterns?.Select(path => path ?? "").ToArray(),
        StructuredRunOutputEnabled = StructuredRunOutputEnabled.Value,
    };

    /// <summary>The older <c>operations</c> says the same with fewer words.</summary>
    private string? Mode()
    {
        if (ExecutionMode.Value is not { } mode)
        {
            return Operations.Value switch
            {
                true => "remote",
                false => "local",
                null => null,
            };
        }
        return Operations.Value is { } operations && operations == (mode == "local")
            ? throw ApiProblem.Invalid("operations", "The execution mode says otherwise. Send one of the two.")
            : mode.Length > 0 ? mode : throw ApiProblem.Invalid("execution-mode", "The execution mode is 'remote', 'local' or 'agent'.");
    }

    private void RefuseWhatIsNotThere()
    {
        if (AssessmentsEnabled.Value == true)
        {
            throw ApiProblem.Invalid("assessments-enabled", "This server makes no health assessments.");
        }
        if (AutoDestroyAt.Value is { Length: > 0 } || AutoDestroyActivityDuration.Value is { Length: > 0 })
        {
            throw ApiProblem.Invalid(AutoDestroyAt.Value is { Length: > 0 } ? "auto-destroy-at" : "auto-destroy-activity-duration",
                "This server destroys nothing by itself.");
        }
    }
}
