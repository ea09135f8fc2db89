using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Configurations;
using Orchestrator.Credentials;
using Orchestrator.Notifications;
using Orchestrator.Organizations;
using Orchestrator.Projects;
using Orchestrator.RunLogs;
using Orchestrator.Runs;
using Orchestrator.SshKeys;
using Orchestrator.States;
using Orchestrator.Tags;
using Orchestrator.Variables;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Comments;
using Orchestrator.Workspaces;

namespace Orchestrator.Data;

/// <summary>Which rows belong to which, across features. They stand here because features do not know each other.</summary>
/// <remarks>What belongs to a workspace goes with it, except the ledger of its credentials, which outlives it. An organisation or a
/// project that still has workspaces stays. Teams, memberships and tokens go with their organisation, and what a project owns, such as
/// its variable sets, with the project.</remarks>
internal static class Relations
{
    public static void Apply(ModelBuilder model)
    {
        model.Entity<RetentionRule>().HasOne<Organization>().WithMany().HasForeignKey(rule => rule.OrganizationId);
        model.Entity<OrganizationMembership>().HasOne<Organization>().WithMany().HasForeignKey(membership => membership.OrganizationId);
        model.Entity<Team>().HasOne<Organization>().WithMany().HasForeignKey(team => team.OrganizationId);
        model.Entity<TeamProjectAccess>().HasOne<Project>().WithMany().HasForeignKey(access => access.ProjectId);
        model.Entity<TeamWorkspaceAccess>().HasOne<Workspace>().WithMany().HasForeignKey(access => access.WorkspaceId);
        model.Entity<ApiToken>().HasOne<Organization>().WithMany().HasForeignKey(token => token.OrganizationId)
            .OnDelete(DeleteBehavior.Cascade);
        model.Entity<Project>().HasOne<Organization>().WithMany().HasForeignKey(project => project.OrganizationId);
        model.Entity<Workspace>().HasOne<Organization>().WithMany().HasForeignKey(workspace => workspace.OrganizationId)
            .OnDelete(DeleteBehavior.Restrict);
        model.Entity<Workspace>().HasOne<Project>().WithMany().HasForeignKey(workspace => workspace.ProjectId)
            .OnDelete(DeleteBehavior.Restrict);
        model.Entity<Variable>().HasOne<Workspace>().WithMany().HasForeignKey(variable => variable.WorkspaceId)
            .OnDelete(DeleteBehavior.Cascade);
        model.Entity<VariableSet>().HasOne<Organization>().WithMany().HasForeignKey(set => set.OrganizationId);
        model.Entity<VariableSet>().HasOne<Project>().WithMany().HasForeignKey(set => set.ProjectId).OnDelete(DeleteBehavior.Cascade);
        model.Entity<VariableSetWorkspace>().HasOne<Workspace>().WithMany().HasForeignKey(assignment => assignment.WorkspaceId);
        model.Entity<VariableSetProject>().HasOne<Project>().WithMany().HasForeignKey(assignment => assignment.ProjectId);
        model.Entity<Workspace>().HasOne<AgentPool>().WithMany().HasForeignKey(workspace => workspace.AgentPoolId)
            .OnDelete(DeleteBehavior.Restrict);
        model.Entity<Workspace>().HasOne<SshKey>().WithMany().HasForeignKey(workspace => workspace.SshKeyId)
            .OnDelete(DeleteBehavior.SetNull);
        model.Entity<Project>().HasOne<AgentPool>().WithMany().HasForeignKey(project => project.DefaultAgentPoolId)
            .OnDelete(DeleteBehavior.SetNull);
        model.Entity<WorkspaceTag>().HasOne<Workspace>().WithMany().HasForeignKey(tag => tag.WorkspaceId);
        model.Entity<ProjectTag>().HasOne<Project>().WithMany().HasForeignKey(tag => tag.ProjectId);
        model.Entity<ReservedTagKey>().HasOne<Organization>().WithMany().HasForeignKey(reserved => reserved.OrganizationId);
        model.Entity<RemoteStateConsumer>().HasOne<Workspace>().WithMany().HasForeignKey(row => row.WorkspaceId);
        model.Entity<RemoteStateConsumer>().HasOne<Workspace>().WithMany().HasForeignKey(row => row.ConsumerId);
        model.Entity<AgentPool>().HasOne<Organization>().WithMany().HasForeignKey(pool => pool.OrganizationId);
        model.Entity<AgentPoolWorkspace>().HasOne<AgentPool>().WithMany().HasForeignKey(row => row.PoolId);
        model.Entity<AgentPoolWorkspace>().HasOne<Workspace>().WithMany().HasForeignKey(row => row.WorkspaceId);
        model.Entity<AgentPoolProject>().HasOne<AgentPool>().WithMany().HasForeignKey(row => row.PoolId);
        model.Entity<AgentPoolProject>().HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId);
        model.Entity<Agent>().HasOne<AgentPool>().WithMany().HasForeignKey(agent => agent.PoolId);
        model.Entity<SshKey>().HasOne<Organization>().WithMany().HasForeignKey(key => key.OrganizationId);
        model.Entity<ConfigurationVersion>().HasOne<Workspace>().WithMany().HasForeignKey(version => version.WorkspaceId);
        model.Entity<StateVersion>().HasOne<Workspace>().WithMany().HasForeignKey(version => version.WorkspaceId);
        model.Entity<StateOutput>().HasOne<StateVersion>().WithMany().HasForeignKey(output => output.StateVersionId);
        model.Entity<Run>().HasOne<Workspace>().WithMany().HasForeignKey(run => run.WorkspaceId);
        model.Entity<Run>().HasOne<ConfigurationVersion>().WithMany().HasForeignKey(run => run.ConfigurationVersionId)
            .OnDelete(DeleteBehavior.Restrict);
        model.Entity<Plan>().HasOne<Run>().WithOne().HasForeignKey<Plan>(plan => plan.RunId);
        model.Entity<Apply>().HasOne<Run>().WithOne().HasForeignKey<Apply>(apply => apply.RunId);
        model.Entity<RunEvent>().HasOne<Run>().WithMany().HasForeignKey(happening => happening.RunId);
        model.Entity<RunTrigger>().HasOne<Workspace>().WithMany().HasForeignKey(trigger => trigger.WorkspaceId);
        model.Entity<RunTrigger>().HasOne<Workspace>().WithMany().HasForeignKey(trigger => trigger.SourceableId);
        model.Entity<DueTrigger>().HasOne<Run>().WithMany().HasForeignKey(due => due.SourceRunId);
        model.Entity<DueTrigger>().HasOne<Workspace>().WithMany().HasForeignKey(due => due.WorkspaceId);
        model.Entity<NotificationConfiguration>().HasOne<Workspace>().WithMany().HasForeignKey(configuration => configuration.WorkspaceId)
            .OnDelete(DeleteBehavior.Cascade);
        model.Entity<NotificationConfiguration>().HasOne<Project>().WithMany().HasForeignKey(configuration => configuration.ProjectId)
            .OnDelete(DeleteBehavior.Cascade);
        model.Entity<NotificationDelivery>().HasOne<Run>().WithMany().HasForeignKey(delivery => delivery.RunId)
            .OnDelete(DeleteBehavior.Cascade);
        model.Entity<LogChunk>().HasOne<Run>().WithMany().HasForeignKey(chunk => chunk.RunId);
        model.Entity<RunToken>().HasOne<Run>().WithMany().HasForeignKey(token => token.RunId);
        model.Entity<IngressAttributes>().HasOne<ConfigurationVersion>().WithOne()
            .HasForeignKey<IngressAttributes>(ingress => ingress.ConfigurationVersionId);
        model.Entity<VcsConnection>().HasOne<Organization>().WithMany().HasForeignKey(connection => connection.OrganizationId);
        model.Entity<VcsConnectionProject>().HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId);
        model.Entity<VcsRepository>().HasOne<Workspace>().WithOne().HasForeignKey<VcsRepository>(repository => repository.WorkspaceId);
        model.Entity<VcsOutcome>().HasOne<Workspace>().WithMany().HasForeignKey(outcome => outcome.WorkspaceId);
        model.Entity<VcsAccount>().HasOne<User>().WithMany().HasForeignKey(account => account.UserId);
        model.Entity<VcsAccountClaim>().HasOne<User>().WithMany().HasForeignKey(claim => claim.UserId);
        model.Entity<VcsReport>().HasOne<Run>().WithOne().HasForeignKey<VcsReport>(report => report.RunId);
        model.Entity<CredentialPolicy>().HasOne<Organization>().WithMany().HasForeignKey(policy => policy.OrganizationId)
            .OnDelete(DeleteBehavior.Cascade);
        model.Entity<CredentialPolicy>().HasOne<Project>().WithMany().HasForeignKey(policy => policy.ProjectId)
            .OnDelete(DeleteBehavior.Cascade);
        model.Entity<CredentialPolicy>().HasOne<Workspace>().WithMany().HasForeignKey(policy => policy.WorkspaceId)
            .OnDelete(DeleteBehavior.Cascade);
    }
}
