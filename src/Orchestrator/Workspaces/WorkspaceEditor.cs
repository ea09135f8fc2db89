using Orchestrator.Data;

namespace Orchestrator.Workspaces;

/// <summary>What somebody wants a workspace to be. Null: as it is, or the default.</summary>
public sealed record WorkspaceEdit
{
    public string? Name { get; init; }

    /// <summary>Empty: none.</summary>
    public string? Description { get; init; }

    /// <summary><c>remote</c> or <c>local</c>.</summary>
    public string? ExecutionMode { get; init; }

    public bool? AutoApply { get; init; }

    public bool? AllowDestroyPlan { get; init; }

    public string? TerraformVersion { get; init; }

    public string? WorkingDirectory { get; init; }
}

/// <summary>Why a workspace may not be so.</summary>
/// <param name="Field">The attribute at fault, in the API's spelling.</param>
public sealed record WorkspaceRefusal(string Reason, string Field);

/// <summary>The rules for workspaces, for the API and the pages alike.</summary>
public static class WorkspaceEditor
{
    public const string NameTaken = "Name has already been taken";

    public static readonly string NameRule = $"A name has 1 to {Names.MaxWorkspaceLength} letters, digits, '-' and '_'.";

    private const int MaxDescription = 1000;
    private const int MaxVersion = 40;
    private const int MaxDirectory = 500;

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
        workspace.ExecutionMode = wanted.ExecutionMode is { } mode ? EnumText.Parse<ExecutionMode>(mode) : workspace.ExecutionMode;
        workspace.AutoApply = wanted.AutoApply ?? workspace.AutoApply;
        workspace.AllowDestroyPlan = wanted.AllowDestroyPlan ?? workspace.AllowDestroyPlan;
        workspace.TerraformVersion = wanted.TerraformVersion ?? workspace.TerraformVersion;
        workspace.WorkingDirectory = wanted.WorkingDirectory?.Trim('/') ?? workspace.WorkingDirectory;
        return null;
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
        if (wanted.ExecutionMode is { } mode
            && (!EnumText.TryParse<ExecutionMode>(mode, out var known) || known == ExecutionMode.Agent))
        {
            return new WorkspaceRefusal(
                "The execution mode is 'remote' or 'local'; this server has no agent pools yet.", "execution-mode");
        }
        if (wanted.TerraformVersion is { Length: 0 or > MaxVersion })
        {
            return new WorkspaceRefusal("The version is one such as '1.11.4', or 'latest'.", "terraform-version");
        }
        return wanted.WorkingDirectory is { } directory && !IsInside(directory)
            ? new WorkspaceRefusal("The working directory is a relative path inside the configuration.", "working-directory")
            : null;
    }

    private static bool IsInside(string path) =>
        !path.Split('/').Contains("..") && path.Trim('/').Length <= MaxDirectory && !path.Any(char.IsControl);
}
