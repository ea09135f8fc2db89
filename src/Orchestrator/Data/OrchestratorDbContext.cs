using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.AgentPools;
using Orchestrator.Configurations;
using Orchestrator.Credentials;
using Orchestrator.Data.Audit;
using Orchestrator.Data.Blobs;
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
using Orchestrator.WorkloadIdentity;
using Orchestrator.Workspaces;

namespace Orchestrator.Data;

/// <summary>The one model, on SQLite and on PostgreSQL. Each entity's mapping stands beside the entity; what ties one
/// feature's rows to another's stands in <see cref="Relations"/>.</summary>
public sealed class OrchestratorDbContext : DbContext, IDataProtectionKeyContext
{
    public OrchestratorDbContext(DbContextOptions<OrchestratorDbContext> options)
        : base(options)
    {
        // Two more round trips for each save in a transaction. Whoever goes on after a save that failed asks for one (UniqueNames).
        Database.AutoSavepointsEnabled = false;
    }

    public DbSet<Organization> Organizations => Set<Organization>();
    public DbSet<User> Users => Set<User>();
    public DbSet<OrganizationMembership> OrganizationMemberships => Set<OrganizationMembership>();
    public DbSet<Team> Teams => Set<Team>();
    public DbSet<TeamMember> TeamMembers => Set<TeamMember>();
    public DbSet<TeamProjectAccess> TeamProjectAccesses => Set<TeamProjectAccess>();
    public DbSet<TeamWorkspaceAccess> TeamWorkspaceAccesses => Set<TeamWorkspaceAccess>();
    public DbSet<ApiToken> ApiTokens => Set<ApiToken>();
    public DbSet<OneTimeCode> OneTimeCodes => Set<OneTimeCode>();
    public DbSet<SignInFactors> SignInFactors => Set<SignInFactors>();
    public DbSet<RecoveryCode> RecoveryCodes => Set<RecoveryCode>();
    public DbSet<Passkey> Passkeys => Set<Passkey>();
    public DbSet<SpentChallenge> SpentChallenges => Set<SpentChallenge>();
    public DbSet<Session> Sessions => Set<Session>();
    public DbSet<Invitation> Invitations => Set<Invitation>();
    public DbSet<CompanyIdentity> CompanyIdentities => Set<CompanyIdentity>();
    public DbSet<Project> Projects => Set<Project>();
    public DbSet<Workspace> Workspaces => Set<Workspace>();
    public DbSet<WorkspaceTag> WorkspaceTags => Set<WorkspaceTag>();
    public DbSet<ProjectTag> ProjectTags => Set<ProjectTag>();
    public DbSet<ReservedTagKey> ReservedTagKeys => Set<ReservedTagKey>();
    public DbSet<RemoteStateConsumer> RemoteStateConsumers => Set<RemoteStateConsumer>();
    public DbSet<AgentPool> AgentPools => Set<AgentPool>();
    public DbSet<AgentPoolWorkspace> AgentPoolWorkspaces => Set<AgentPoolWorkspace>();
    public DbSet<AgentPoolProject> AgentPoolProjects => Set<AgentPoolProject>();
    public DbSet<Agent> Agents => Set<Agent>();
    public DbSet<SshKey> SshKeys => Set<SshKey>();
    public DbSet<Variable> Variables => Set<Variable>();
    public DbSet<VariableSet> VariableSets => Set<VariableSet>();
    public DbSet<VariableSetWorkspace> VariableSetWorkspaces => Set<VariableSetWorkspace>();
    public DbSet<VariableSetProject> VariableSetProjects => Set<VariableSetProject>();
    public DbSet<ConfigurationVersion> ConfigurationVersions => Set<ConfigurationVersion>();
    public DbSet<IngressAttributes> IngressAttributes => Set<IngressAttributes>();
    public DbSet<VcsConnection> VcsConnections => Set<VcsConnection>();
    public DbSet<VcsConnectionProject> VcsConnectionProjects => Set<VcsConnectionProject>();
    public DbSet<VcsRepository> VcsRepositories => Set<VcsRepository>();
    public DbSet<VcsDelivery> VcsDeliveries => Set<VcsDelivery>();
    public DbSet<VcsOutcome> VcsOutcomes => Set<VcsOutcome>();
    public DbSet<VcsReport> VcsReports => Set<VcsReport>();
    public DbSet<VcsAccount> VcsAccounts => Set<VcsAccount>();
    public DbSet<VcsAccountClaim> VcsAccountClaims => Set<VcsAccountClaim>();
    public DbSet<VcsThread> VcsThreads => Set<VcsThread>();
    public DbSet<Run> Runs => Set<Run>();
    public DbSet<Plan> Plans => Set<Plan>();
    public DbSet<Apply> Applies => Set<Apply>();
    public DbSet<RunEvent> RunEvents => Set<RunEvent>();
    public DbSet<RunTrigger> RunTriggers => Set<RunTrigger>();
    public DbSet<DueTrigger> DueTriggers => Set<DueTrigger>();
    public DbSet<RetentionRule> RetentionRules => Set<RetentionRule>();
    public DbSet<NotificationConfiguration> NotificationConfigurations => Set<NotificationConfiguration>();
    public DbSet<NotificationDelivery> NotificationDeliveries => Set<NotificationDelivery>();
    public DbSet<StateVersion> StateVersions => Set<StateVersion>();
    public DbSet<StateOutput> StateOutputs => Set<StateOutput>();
    public DbSet<LogChunk> LogChunks => Set<LogChunk>();
    public DbSet<RunToken> RunTokens => Set<RunToken>();
    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();
    public DbSet<CredentialGrant> CredentialGrants => Set<CredentialGrant>();
    public DbSet<CredentialPolicy> CredentialPolicies => Set<CredentialPolicy>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<AuditWaiting> AuditWaiting => Set<AuditWaiting>();
    public DbSet<AuditChain> AuditChains => Set<AuditChain>();
    public DbSet<Blob> Blobs => Set<Blob>();
    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        Conversions.Apply(configurationBuilder);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(OrchestratorDbContext).Assembly);
        Relations.Apply(modelBuilder);
    }
}
