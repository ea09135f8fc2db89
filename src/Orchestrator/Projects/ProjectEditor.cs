using Orchestrator.Data;

namespace Orchestrator.Projects;

/// <summary>What somebody wants a project to be. Null: as it is, or the default.</summary>
public sealed record ProjectEdit
{
    public string? Name { get; init; }

    /// <summary>Empty: none.</summary>
    public string? Description { get; init; }

    /// <summary><c>remote</c>, <c>local</c> or <c>agent</c>; empty: the organisation's.</summary>
    public string? DefaultExecutionMode { get; init; }

    /// <summary>Checked by whoever asks: it must be one that the project's workspaces may use.</summary>
    public AgentPoolId? DefaultAgentPool { get; init; }

    /// <summary>Take the pool from the organisation again.</summary>
    public bool InheritAgentPool { get; init; }
}

/// <summary>Why a project may not be so.</summary>
/// <param name="Field">The attribute or relationship at fault, in the API's spelling.</param>
public sealed record ProjectRefusal(string Reason, string Field, bool IsRelationship = false);

/// <summary>The rules for projects, for the API and the pages alike.</summary>
public static class ProjectEditor
{
    public const string NameTaken = "Name has already been taken";

    public static readonly string NameRule =
        $"A name has 3 to {Names.MaxProjectLength} letters, digits, spaces, '-' and '_', and no space at its ends.";

    /// <summary>Changes it in memory, all of it or nothing; the caller saves it.</summary>
    /// <returns>Null when it was changed.</returns>
    public static ProjectRefusal? Update(this Project project, ProjectEdit wanted)
    {
        if (wanted.Name is { } name && !Names.IsProject(name))
        {
            return new ProjectRefusal(NameRule, "name");
        }
        if (wanted.Name is { } renamed && renamed != project.Name && project.Name == Names.DefaultProject)
        {
            return new ProjectRefusal($"The project '{Names.DefaultProject}' keeps its name: workspaces without a project go there.", "name");
        }
        if (wanted.Description is { Length: > Project.MaxDescriptionLength })
        {
            return new ProjectRefusal($"A description has {Project.MaxDescriptionLength} characters at most.", "description");
        }
        ExecutionMode? mode = project.DefaultExecutionMode;
        if (wanted.DefaultExecutionMode is { } text)
        {
            if (text.Length > 0 && !EnumText.TryParse<ExecutionMode>(text, out _))
            {
                return new ProjectRefusal("The execution mode is 'remote', 'local' or 'agent'.", "default-execution-mode");
            }
            mode = text.Length == 0 ? null : EnumText.Parse<ExecutionMode>(text);
        }
        project.Name = wanted.Name ?? project.Name;
        project.Description = wanted.Description is "" ? null : wanted.Description ?? project.Description;
        project.DefaultExecutionMode = mode;
        project.DefaultAgentPoolId = wanted.InheritAgentPool || mode is ExecutionMode.Local or ExecutionMode.Remote
            ? null
            : wanted.DefaultAgentPool ?? project.DefaultAgentPoolId;
        return null;
    }
}
