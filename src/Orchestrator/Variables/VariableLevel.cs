namespace Orchestrator.Variables;

/// <summary>Where a value stands, highest first: of a variable's values the one on the highest level is used. The numbers are those of
/// HCP Terraform's table.</summary>
/// <remarks>A run's <c>-var</c> and <c>TF_VAR_*</c> (6 and 7) arrive as one list. What <c>*.auto.tfvars</c> and <c>terraform.tfvars</c> of
/// the configuration say (14 and 15) is below all of this, and terraform's own affair.</remarks>
public enum VariableLevel
{
    PriorityGlobalSet = 1,
    PriorityOrganizationSetOfProject = 2,
    PriorityOrganizationSetOfWorkspace = 3,
    PriorityProjectSetOfProject = 4,
    PriorityProjectSetOfWorkspace = 5,

    /// <summary>The run was started with it.</summary>
    Run = 6,

    Workspace = 8,
    ProjectSetOfWorkspace = 9,
    ProjectSetOfProject = 10,
    OrganizationSetOfWorkspace = 11,
    OrganizationSetOfProject = 12,
    GlobalSet = 13,
}
