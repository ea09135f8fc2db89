using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.AgentPools;
using Orchestrator.Configurations;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Aws;
using Orchestrator.Credentials.Azure;
using Orchestrator.Credentials.Gcp;
using Orchestrator.Credentials.Kubernetes;
using Orchestrator.Credentials.Vault;
using Orchestrator.Data;
using Orchestrator.Notifications;
using Orchestrator.RunLogs;
using Orchestrator.SshKeys;
using Orchestrator.States;
using Orchestrator.Terraform;
using Orchestrator.Terraform.Engines;
using Orchestrator.Terraform.Providers;
using Orchestrator.Variables;
using Orchestrator.Vcs;
using Orchestrator.Vcs.Git;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Runs;

public static class RunServices
{
    /// <summary>What every front door needs: objects, queue, logs, states, tokens.</summary>
    public static IServiceCollection AddRuns(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<RunLimits>().Bind(section.GetSection("Runs")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ConfigurationOptions>().Bind(section.GetSection("Configurations")).ValidateDataAnnotations().ValidateOnStart();
        services.AddWorkloadIdentity(section);
        services.AddOptions<AwsOptions>().Bind(section.GetSection("Aws")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<GcpOptions>().Bind(section.GetSection("Gcp"));
        services.AddSingleton<VariableVault>();
        services.AddSingleton<VariableEditor>();
        services.AddSingleton<VariableStore>();
        services.AddSingleton<VariableSets>();
        services.AddSingleton<WorkspaceVariables>();
        services.AddSingleton<AwsClock>();
        services.AddSingleton<AwsCredentialExchange>();
        services.AddSingleton<ICloud, AwsCloud>();
        services.AddSingleton<ICloud, AzureCloud>();
        services.AddSingleton<ICloud, GcpCloud>();
        services.AddSingleton<ICloud, VaultCloud>();
        services.AddSingleton<ICloud, KubernetesCloud>();
        services.AddSingleton(CheckCloudVariables);
        services.AddSingleton<ConfigurationStore>();
        services.AddSingleton<ConfigurationReadmes>();
        services.AddSingleton<StateOutputVault>();
        services.AddSingleton<StateStore>();
        services.AddSingleton<StateRollback>();
        services.AddSingleton<StateInventory>();
        services.AddOptions<LogOptions>().Bind(section.GetSection("Logs")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<RunLogStore>();
        services.AddAccess();
        services.AddSingleton<RunVariables>();
        services.AddSingleton<CredentialPolicies>();
        services.AddSingleton<CredentialSettingsReader>();
        services.AddSingleton<TrustReader>();
        services.AddSingleton<RunJobs>();
        services.AddVcs(section);
        services.AddSingleton<IGitSandbox>(provider => new GitSandbox(provider.GetRequiredService<DataDirectory>(), provider.GetService<Sandbox>()));
        services.AddSingleton<VcsIngress>();
        services.AddSingleton<VcsHeads>();
        services.AddSingleton<VcsConnections>();
        services.AddSingleton<VcsLinks>();
        services.AddSingleton<RunQueue>();
        services.AddSingleton<SavedPlans>();
        services.AddSingleton<RunComments>();
        services.AddSingleton<TriggeredRuns>();
        services.AddSingleton<RunTriggerEditor>();
        services.AddNotifications(section);
        services.AddSingleton<IMemberMailboxes, MemberMailboxes>();
        services.AddSingleton<PullRequestGate>();
        services.AddSingleton<VcsAccounts>();
        services.AddSingleton<RunActions>();
        services.AddRetention(section);
        services.AddSingleton<WorkspaceRemoval>();
        services.AddSingleton<OrganizationSettings>();
        services.AddSingleton<ProjectSettings>();
        services.AddSingleton<WorkspaceSettings>();
        services.AddSingleton<TagSettings>();
        services.AddSingleton<AgentPoolSettings>();
        services.AddSingleton<SshKeyVault>();
        services.AddSingleton<SshKeyEditor>();
        return services;
    }

    /// <summary>What removes that nobody is to keep any more.</summary>
    public static IServiceCollection AddRetention(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<RetentionOptions>().Bind(section.GetSection("Retention")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ConfigurationArchival>();
        services.AddSingleton<StateBackingData>();
        services.AddSingleton<RetentionMetrics>();
        services.AddSingleton<Retention>();
        services.AddSingleton<RetentionRules>();
        return services;
    }

    /// <summary>What a process needs that carries runs out.</summary>
    public static IServiceCollection AddRunWorker(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<WorkerOptions>().Bind(section.GetSection("Worker")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<TerraformOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<RunUserOptions>().Bind(section.GetSection("RunUsers")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<UsageLimits>().Bind(section.GetSection("Limits")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<EngineOptions>().Bind(section.GetSection("Engines")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<EngineOptions>, EngineOptionsValidation>();
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<EngineStore>(provider));
        services.AddOptions<ProviderOptions>().Bind(section.GetSection("Providers")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<ProviderCache>();
        services.AddSingleton(provider => WorkerIdentity.OfThisProcess(provider.GetRequiredService<DataDirectory>().Place));
        services.AddHostedService<AwsClockCheck>();
        services.AddSingleton<CredentialLedger>();
        services.AddOptions<LedgerOptions>().Bind(section.GetSection("Ledger")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<LedgerSweep>();
        services.AddHostedService(provider => provider.GetRequiredService<LedgerSweep>());
        services.AddSingleton(provider => new TerraformProcess(
            provider.GetRequiredService<TerraformEngine>(),
            provider.GetRequiredService<Sandbox>(),
            provider.GetRequiredService<IOptions<TerraformOptions>>().Value.SecondsToSaveAfterWorkerDied,
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<WorkspaceSshKeys>();
        services.AddSingleton<ApiWait>();
        services.AddSingleton<PhasePreparation>();
        services.AddSingleton<PhaseCredentials>();
        services.AddSingleton<CredentialTrial>();
        services.AddSingleton<PhaseExecution>();
        services.AddSingleton<StateRescue>();
        services.AddSingleton<PhaseWipe>();
        services.AddSingleton<PhaseEndings>();
        services.AddSingleton<PhaseSteps>();
        services.AddSingleton<RunMetrics>();
        services.AddSingleton<RunsAtHand>();
        services.AddSingleton<RunTurns>();
        services.AddSingleton<QueueGauges>();
        services.AddSingleton<RunClaims>();
        services.AddSingleton<DiskRoom>();
        services.AddSingleton<DatabaseSight>();
        services.TryAddSingleton<IWitness, NoWitness>();
        services.AddSingleton<RunJob>();
        services.AddSingleton<RunWatches>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<RunWatches>());
        services.AddSingleton<NotificationJob>();
        services.AddSingleton<NotificationDispatch>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<NotificationDispatch>());
        services.AddSingleton<SupersededPlans>();
        services.AddSingleton<VcsChanges>();
        services.AddSingleton<VcsCommands>();
        services.AddSingleton<VcsDeliveryJob>();
        services.AddSingleton<VcsPollJob>();
        services.AddSingleton<VcsReportTexts>();
        services.AddSingleton<VcsReportJob>();
        services.AddSingleton<VcsDispatch>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<VcsDispatch>());
        services.AddSingleton<AbandonedPhases>();
        services.AddHostedService<RetentionSweep>();
        services.AddSingleton(provider => new ServedPools(
            provider.GetRequiredService<IOptions<WorkerOptions>>().Value.Pools,
            provider.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>()));
        services.AddSingleton<AgentRegistration>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<AgentRegistration>());
        services.AddSingleton<RunRecovery>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<RunRecovery>());
        return services;
    }

    /// <summary>What a cloud's variable is called is known to that cloud alone, so a new one is heard as soon as it is registered.</summary>
    private static VariableRule CheckCloudVariables(IServiceProvider services)
    {
        CloudVocabulary[] known = [.. services.GetServices<ICloud>().Select(cloud => cloud.Vocabulary)];
        return (key, category, value, sensitive) => category == VariableCategory.Env
            ? known.Select(cloud => CloudSettings.Fault(cloud, key, value, sensitive)).FirstOrDefault(fault => fault is not null)
            : null;
    }
}
