using Orchestrator.Variables;

namespace Orchestrator.Web.Pages.Variables;

/// <summary>How pages say where a value stands.</summary>
internal static class VariableWords
{
    public static string Of(VariableLevel level) => level switch
    {
        VariableLevel.PriorityGlobalSet => "global, with priority",
        VariableLevel.PriorityOrganizationSetOfProject => "for the project, with priority",
        VariableLevel.PriorityOrganizationSetOfWorkspace => "for the workspace, with priority",
        VariableLevel.PriorityProjectSetOfProject => "the project's, for all of it, with priority",
        VariableLevel.PriorityProjectSetOfWorkspace => "the project's, for the workspace, with priority",
        VariableLevel.Run => "the run",
        VariableLevel.Workspace => "the workspace",
        VariableLevel.ProjectSetOfWorkspace => "the project's, for the workspace",
        VariableLevel.ProjectSetOfProject => "the project's, for all of it",
        VariableLevel.OrganizationSetOfWorkspace => "for the workspace",
        VariableLevel.OrganizationSetOfProject => "for the project",
        VariableLevel.GlobalSet => "global",
    };
}
