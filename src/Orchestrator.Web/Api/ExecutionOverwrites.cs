using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>Which of a workspace's settings are its own; the others are inherited.</summary>
public sealed record WorkspaceOverwrites(bool ExecutionMode, bool AgentPool);

/// <summary>Which of a project's settings are its own; the others are its organisation's.</summary>
public sealed record ProjectOverwrites(bool DefaultExecutionMode, bool DefaultAgentPool);

public sealed record WorkspaceOverwritesRequest
{
    public Optional<bool?> ExecutionMode { get; init; }

    public Optional<bool?> AgentPool { get; init; }
}

public sealed record ProjectOverwritesRequest
{
    public Optional<bool?> DefaultExecutionMode { get; init; }

    public Optional<bool?> DefaultAgentPool { get; init; }
}
