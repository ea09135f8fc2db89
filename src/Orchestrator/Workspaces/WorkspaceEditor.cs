using Orchestrator.Data;

namespace Orchestrator.Workspaces;

/// <summary>What somebody wants a workspace to be. Null: as it is, or the default.</summary>
public sealed record WorkspaceEdit
{
    public string? Name { get; init; }

    /// <summary>Empty: none.</summary>
    public string? Description { get; init; }

    /// <summary><c>remote</c>, <c>local</c> or <c>agent</c>; empty: its project's, or else its organisation's.</summary>
    public string? ExecutionMode { get; init; }

    /// <summary>Checked by whoever asks: it must be one that the workspace may use.</summary>
    public AgentPoolId? AgentPool { get; init; }

    /// <summary>Take the pool from the project or organisation again.</summary>
    public bool InheritAgentPool { get; init; }

    public bool? AutoApply { get; init; }

    public bool? AutoApplyRunTrigger { get; init; }

    public bool? AllowDestroyPlan { get; init; }

    public bool? GlobalRemoteState { get; init; }

    public bool? ProjectRemoteState { get; init; }

    public bool? QueueAllRuns { get; init; }

    public bool? SpeculativeEnabled { get; init; }

    public bool? FileTriggersEnabled { get; init; }

    public IReadOnlyList<string>? TriggerPrefixes { get; init; }

    public IReadOnlyList<string>? TriggerPatterns { get; init; }

    public bool? StructuredRunOutputEnabled { get; init; }

    /// <summary><c>terraform</c> or <c>tofu</c>.</summary>
    public string? Engine { get; init; }

    public string? TerraformVersion { get; init; }

    public string? WorkingDirectory { get; init; }
}

/// <summary>Why a workspace may not be so.</summary>
/// <param name="Field">The attribute or relationship at fault, in the API's spelling.</param>
public sealed record WorkspaceRefusal(string Reason, string Field, bool IsRelationship = false);

/// <summary>The rules for workspaces, for the API and the pages alike.</summary>
public static class WorkspaceEditor
{
    public const string NameTaken = "Name has already been taken";

    public static readonly string NameRule = $"A name has 1 to {Names.MaxWorkspaceLength} letters, digits, '-' and '_'.";

    private const int MaxDescription = 1000;
    private const int MaxDirectory = 500;
    private const int MaxTriggers = 100;

    /// <summary>Changes the workspace in memory, all of it or nothing; the caller saves it.</summary>
    /// <returns>Null when it was changed.</returns>
    public static WorkspaceRefusal? Update(this Workspace workspace, WorkspaceEdit wanted)
    {
        if (Find(wanted) is { } refusal)
        {
            return refusal;
        }
        workspace.Name = wanted.Name ?? workspace.Name;
        workspace.Description = wanted.Description is "" ? null : wanted.Description ?? workspace.Description;
        UpdateExecution(workspace, wanted);
        workspace.AutoApply = wanted.AutoApply ?? workspace.AutoApply;
        workspace.AutoApplyRunTrigger = wanted.AutoApplyRunTrigger ?? workspace.AutoApplyRunTrigger;
        workspace.AllowDestroyPlan = wanted.AllowDestroyPlan ?? workspace.AllowDestroyPlan;
        workspace.GlobalRemoteState = wanted.GlobalRemoteState ?? workspace.GlobalRemoteState;
        workspace.ProjectRemoteState = wanted.ProjectRemoteState ?? workspace.ProjectRemoteState;
        workspace.QueueAllRuns = wanted.QueueAllRuns ?? workspace.QueueAllRuns;
        workspace.SpeculativeEnabled = wanted.SpeculativeEnabled ?? workspace.SpeculativeEnabled;
        workspace.FileTriggersEnabled = wanted.FileTriggersEnabled ?? workspace.FileTriggersEnabled;
        // Whoever writes the one means to leave the other.
        workspace.TriggerPrefixes = wanted.TriggerPatterns is { Count: > 0 } ? [] : wanted.TriggerPrefixes ?? workspace.TriggerPrefixes;
        workspace.TriggerPatterns = wanted.TriggerPrefixes is { Count: > 0 } ? [] : wanted.TriggerPatterns ?? workspace.TriggerPatterns;
        workspace.StructuredRunOutputEnabled = wanted.StructuredRunOutputEnabled ?? workspace.StructuredRunOutputEnabled;
        workspace.Engine = wanted.Engine is { } engine ? EnumText.Parse<EngineKind>(engine) : workspace.Engine;
        workspace.TerraformVersion = wanted.TerraformVersion ?? workspace.TerraformVersion;
        workspace.WorkingDirectory = wanted.WorkingDirectory ?? workspace.WorkingDirectory;
        return null;
    }

    private static void UpdateExecution(Workspace workspace, WorkspaceEdit wanted)
    {
        workspace.ExecutionMode = wanted.ExecutionMode switch
        {
            null => workspace.ExecutionMode,
            "" => null,
            var mode => EnumText.Parse<ExecutionMode>(mode),
        };
        workspace.AgentPoolId = wanted.InheritAgentPool || workspace.ExecutionMode is Data.ExecutionMode.Remote or Data.ExecutionMode.Local
            ? null
            : wanted.AgentPool ?? workspace.AgentPoolId;
    }

    private static WorkspaceRefusal? Find(WorkspaceEdit wanted)
    {
        if (wanted.Name is { } name && !Names.IsWorkspace(name))
        {
            return new WorkspaceRefusal(NameRule, "name");
        }
        if (wanted.Description is { Length: > MaxDescription })
        {
            return new WorkspaceRefusal($"A description has {MaxDescription} characters at most.", "description");
        }
        if (wanted.ExecutionMode is { Length: > 0 } mode && !EnumText.TryParse<ExecutionMode>(mode, out _))
        {
            return new WorkspaceRefusal("The execution mode is 'remote', 'local' or 'agent'.", "execution-mode");
        }
        if (wanted.Engine is { } engine && !EnumText.TryParse<EngineKind>(engine, out _))
        {
            return new WorkspaceRefusal("The engine is 'terraform' or 'tofu'.", "engine");
        }
        if (wanted.TerraformVersion is { } version && !TerraformVersions.IsWellFormed(version))
        {
            return new WorkspaceRefusal(TerraformVersions.Rule, "terraform-version");
        }
        if (wanted.WorkingDirectory is { } directory && !IsInside(directory, MaxDirectory))
        {
            return new WorkspaceRefusal("The working directory is a relative path inside the configuration.", "working-directory");
        }
        if (wanted.TriggerPrefixes is { Count: > 0 } && wanted.TriggerPatterns is { Count: > 0 })
        {
            return new WorkspaceRefusal("A workspace has either trigger prefixes or trigger patterns.", "trigger-patterns");
        }
        return FindBadTrigger(wanted.TriggerPrefixes, "trigger-prefixes") ?? FindBadTrigger(wanted.TriggerPatterns, "trigger-patterns");
    }

    private static WorkspaceRefusal? FindBadTrigger(IReadOnlyList<string>? paths, string field) =>
        paths is null || (paths.Count <= MaxTriggers && paths.All(path => path.Length > 0 && IsInside(path, MaxDirectory)))
            ? null
            : new WorkspaceRefusal($"These are up to {MaxTriggers} paths in the repository, such as 'modules/network'.", field);

    private static bool IsInside(string path, int limit) =>
        !path.Split('/').Contains("..") && path.Length <= limit && !path.Any(char.IsControl);
}
