using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Vcs.Git;
using Orchestrator.Vcs.Providers;

namespace Orchestrator.Vcs;

public static class VcsServices
{
    public static IServiceCollection AddVcs(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<VcsOptions>().Bind(section.GetSection("Vcs")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<VcsVault>();
        services.AddSingleton<VcsHttp>();
        services.AddSingleton<GitFetcher>();
        services.AddSingleton<VcsConnectionEditor>();
        services.AddSingleton<VcsArrivals>();
        services.AddSingleton<VcsIntake>();
        services.AddSingleton<VcsProviders>();
        services.AddSingleton<VcsProvider, GitHub>();
        services.AddSingleton<VcsProvider, GitLab>();
        services.AddSingleton<VcsProvider, Gitea>();
        services.AddSingleton<VcsProvider, Bitbucket>();
        services.AddSingleton<VcsProvider, AzureDevOps>();
        services.AddSingleton<VcsProvider, PlainGit>();
        return services;
    }
}
