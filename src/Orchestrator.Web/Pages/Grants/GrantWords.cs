using Orchestrator.Access;
using Orchestrator.Data;

namespace Orchestrator.Web.Pages.Grants;

/// <summary>Levels of access as forms offer them and tables tell them.</summary>
internal static class GrantWords
{
    public static readonly (string Value, string Words)[] WorkspaceLevels =
    [
        ("read", "Read: see runs, variables and states"),
        ("plan", "Plan: and start runs that somebody else applies"),
        ("write", "Write: and apply, set variables, lock"),
        ("admin", "Admin: and settings, access, deletion"),
        ("custom", "Custom: as ticked below"),
    ];

    public static readonly (string Value, string Words)[] ProjectLevels =
    [
        ("read", "Read: see its workspaces"),
        ("write", "Write: apply, set variables and lock in its workspaces"),
        ("maintain", "Maintain: administer its workspaces, make and move them"),
        ("admin", "Admin: and the project's settings and access"),
        ("custom", "Custom: as ticked below"),
    ];

    public static readonly (string Value, string Words)[] Runs = [("read", "read"), ("plan", "start plans"), ("apply", "apply")];

    public static readonly (string Value, string Words)[] Variables = [("none", "nothing"), ("read", "read"), ("write", "set")];

    public static readonly (string Value, string Words)[] States =
        [("none", "nothing"), ("read_outputs", "read outputs"), ("read", "read"), ("write", "write and roll back")];

    public static readonly (string Value, string Words)[] ProjectSettings = [("read", "read"), ("update", "change"), ("delete", "change and delete")];

    public static readonly (string Value, string Words)[] ProjectTeams = [("none", "nothing"), ("read", "see"), ("manage", "give and take")];

    /// <summary>What is no level is the least.</summary>
    public static T Read<T>(string? text) where T : struct, Enum => EnumText.TryParse<T>(text, out var value) ? value : default;

    /// <summary>The single rights of a custom level, in one line.</summary>
    public static string Of(WorkspaceGrant grant) => string.Join(", ", new[]
    {
        $"runs: {Word(Runs, EnumText.Of(grant.Runs))}",
        $"variables: {Word(Variables, EnumText.Of(grant.Variables))}",
        $"state: {Word(States, EnumText.Of(grant.StateVersions))}",
        grant.Locking ? "locks" : null,
        grant.RunTasks ? "run tasks" : null,
        grant.WithholdsCredentials && grant.Runs != RunGrant.Read ? "its runs get no credentials" : null,
    }.OfType<string>());

    /// <inheritdoc cref="Of(WorkspaceGrant)"/>
    public static string Of(ProjectGrant project, ProjectWorkspacesGrant workspaces) => string.Join(", ", new[]
    {
        $"project: {Word(ProjectSettings, EnumText.Of(project.Settings))}",
        Of(workspaces.Workspace),
        workspaces.Create ? "makes workspaces" : null,
        workspaces.Move ? "moves them" : null,
        workspaces.Delete ? "deletes them" : null,
    }.OfType<string>());

    /// <summary>How far somebody may go in a workspace, in a word or two.</summary>
    public static string Of(WorkspaceRight rights)
    {
        var word = rights.HasFlag(WorkspaceRight.All) ? "admin"
            : rights.HasFlag(WorkspaceRight.QueueApply) ? "apply"
            : rights.HasFlag(WorkspaceRight.QueuePlan) ? "plan"
            : rights.HasFlag(WorkspaceRight.See) ? "read"
            : "";
        return rights.HasFlag(WorkspaceRight.QueuePlan) && !rights.HasFlag(WorkspaceRight.RunWithCredentials) ? $"{word}, no credentials" : word;
    }

    private static string Word((string Value, string Words)[] levels, string value) => Array.Find(levels, level => level.Value == value).Words ?? value;
}
