using Orchestrator.Access;

namespace Orchestrator.Web.Api;

/// <summary>What the caller may do with an organisation, in the API's words.</summary>
public sealed record OrganizationPermissions(
    bool CanUpdate, bool CanDestroy, bool CanTraverse, bool CanCreateTeam, bool CanCreateWorkspace, bool CanCreateWorkspaceMigration,
    bool CanCreateProject, bool CanAccessViaTeams, bool CanManageUsers, bool CanManageTags, bool CanReadVarsets, bool CanManageVarsets,
    bool CanReadRunTasks, bool CanManageRunTasks, bool CanManageAuditing, bool CanManageSso, bool CanManageSubscription, bool CanCreateModule,
    bool CanCreateProvider, bool CanManagePublicModules, bool CanManagePublicProviders, bool CanManageNoCodeModules, bool CanDeployNoCodeModules,
    bool CanUpdateApiToken, bool CanUpdateOauth, bool CanUpdateSentinel, bool CanUpdateSshKeys, bool CanUpdateAgentPools)
{
    public static OrganizationPermissions Of(OrganizationRights rights)
    {
        bool Has(OrganizationRight right) => rights.Organization.HasFlag(right);
        var createsWorkspaces = rights.Projects.HasFlag(ProjectRight.CreateWorkspaces);
        return new OrganizationPermissions(
            Has(OrganizationRight.Update), Has(OrganizationRight.Delete), Has(OrganizationRight.Traverse), Has(OrganizationRight.ManageTeams),
            createsWorkspaces, createsWorkspaces, Has(OrganizationRight.ManageProjects), CanAccessViaTeams: Has(OrganizationRight.Read),
            Has(OrganizationRight.ManageMembership), Has(OrganizationRight.ManageTags), Has(OrganizationRight.ReadVarsets),
            Has(OrganizationRight.ManageVarsets), Has(OrganizationRight.ReadRunTasks), Has(OrganizationRight.ManageRunTasks),
            CanManageAuditing: Has(OrganizationRight.Delete), CanManageSso: Has(OrganizationRight.ManageOwners),
            CanManageSubscription: Has(OrganizationRight.ManageOwners), Has(OrganizationRight.ManageModules), Has(OrganizationRight.ManageProviders),
            Has(OrganizationRight.ManageModules), Has(OrganizationRight.ManageProviders), Has(OrganizationRight.ManageModules), createsWorkspaces,
            Has(OrganizationRight.ManageOrganizationToken), Has(OrganizationRight.ManageVcs), Has(OrganizationRight.ManagePolicies),
            Has(OrganizationRight.ManageSshKeys), Has(OrganizationRight.ManageAgentPools));
    }
}

/// <summary>What the caller may do with a project, in the API's words.</summary>
public sealed record ProjectPermissions(
    bool CanRead, bool CanUpdate, bool CanDestroy, bool CanCreateWorkspace, bool CanMoveWorkspace, bool CanReadTeams, bool CanManageTeams,
    bool CanManageTags, bool CanManageVarsets)
{
    /// <param name="isDefault">Nobody deletes an organisation's default project.</param>
    public static ProjectPermissions Of(ProjectRight rights, bool isDefault)
    {
        bool Has(ProjectRight right) => rights.HasFlag(right);
        return new ProjectPermissions(
            Has(ProjectRight.Read), Has(ProjectRight.Update), Has(ProjectRight.Delete) && !isDefault, Has(ProjectRight.CreateWorkspaces),
            Has(ProjectRight.MoveWorkspaces), Has(ProjectRight.ReadTeams), Has(ProjectRight.ManageTeams), Has(ProjectRight.ManageTags),
            Has(ProjectRight.ManageVarsets));
    }
}

/// <summary>What the caller may do with a workspace, in the API's words. The CLI stops with a crash when they are missing.</summary>
public sealed record WorkspacePermissions(
    bool CanUpdate, bool CanDestroy, bool CanQueueRun, bool CanQueueApply, bool CanQueueDestroy, bool CanReadRun, bool CanLock,
    bool CanUnlock, bool CanForceUnlock, bool CanReadSettings, bool CanReadVariable, bool CanUpdateVariable, bool CanReadStateVersions,
    bool CanReadStateOutputs, bool CanCreateStateVersions, bool CanManageTags, bool CanManageRunTasks, bool CanForceDelete,
    bool CanManageAssessments, bool CanManageEphemeralWorkspaces, bool CanReadAssessmentResults)
{
    public static WorkspacePermissions Of(WorkspaceRight rights)
    {
        bool Has(WorkspaceRight right) => rights.HasFlag(right);
        return new WorkspacePermissions(
            Has(WorkspaceRight.Update), Has(WorkspaceRight.Delete), Has(WorkspaceRight.QueuePlan), Has(WorkspaceRight.QueueApply),
            CanQueueDestroy: Has(WorkspaceRight.QueueApply), Has(WorkspaceRight.ReadRuns), Has(WorkspaceRight.Lock), Has(WorkspaceRight.Lock),
            Has(WorkspaceRight.ForceUnlock), Has(WorkspaceRight.ReadSettings), Has(WorkspaceRight.ReadVariables), Has(WorkspaceRight.WriteVariables),
            Has(WorkspaceRight.ReadState), Has(WorkspaceRight.ReadOutputs), Has(WorkspaceRight.WriteState), Has(WorkspaceRight.ManageTags),
            Has(WorkspaceRight.ManageRunTasks), CanForceDelete: Has(WorkspaceRight.Delete), CanManageAssessments: Has(WorkspaceRight.Update),
            CanManageEphemeralWorkspaces: Has(WorkspaceRight.Update), CanReadAssessmentResults: Has(WorkspaceRight.ReadRuns));
    }
}

/// <summary>What the caller may do with a run, in the API's words.</summary>
public sealed record RunPermissions(
    bool CanApply, bool CanCancel, bool CanComment, bool CanDiscard, bool CanForceExecute, bool CanForceCancel, bool CanOverridePolicyCheck)
{
    /// <param name="rights">In the run's workspace.</param>
    public static RunPermissions Of(WorkspaceRight rights)
    {
        bool Has(WorkspaceRight right) => rights.HasFlag(right);
        return new RunPermissions(
            Has(WorkspaceRight.QueueApply), Has(WorkspaceRight.QueuePlan), Has(WorkspaceRight.QueuePlan), Has(WorkspaceRight.QueueApply),
            Has(WorkspaceRight.ForceCancel), Has(WorkspaceRight.ForceCancel), CanOverridePolicyCheck: false);
    }
}
