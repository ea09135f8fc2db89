using Orchestrator.Access;
using Orchestrator.Data;

namespace Orchestrator.Web.Pages.Grants;

/// <summary>The single rights in a project and in its workspaces, as the fields of a form.</summary>
public sealed class ProjectGrantForm
{
    public string? Settings { get; set; }

    public string? Teams { get; set; }

    public string? VariableSets { get; set; }

    public WorkspaceGrantForm? Workspace { get; set; }

    public bool Create { get; set; }

    public bool Move { get; set; }

    public bool Delete { get; set; }

    public static ProjectGrantForm Of(ProjectGrant project, ProjectWorkspacesGrant workspaces) => new()
    {
        Settings = EnumText.Of(project.Settings),
        Teams = EnumText.Of(project.Teams),
        VariableSets = EnumText.Of(project.VariableSets),
        Workspace = WorkspaceGrantForm.Of(workspaces.Workspace),
        Create = workspaces.Create,
        Move = workspaces.Move,
        Delete = workspaces.Delete,
    };

    /// <summary>What is no level counts as the least.</summary>
    public (ProjectGrant Project, ProjectWorkspacesGrant Workspaces) ToGrants() => (
        new ProjectGrant
        {
            Settings = GrantWords.Read<ProjectSettingsGrant>(Settings),
            Teams = GrantWords.Read<ProjectTeamsGrant>(Teams),
            VariableSets = GrantWords.Read<ProjectVariableSetsGrant>(VariableSets),
        },
        new ProjectWorkspacesGrant { Workspace = (Workspace ?? new WorkspaceGrantForm()).ToGrant(), Create = Create, Move = Move, Delete = Delete });
}
