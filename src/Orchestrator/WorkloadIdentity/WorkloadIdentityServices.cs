using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.WorkloadIdentity;

public static class WorkloadIdentityServices
{
    /// <summary>Tokens, the keys that sign them, and what is published about both.</summary>
    public static IServiceCollection AddWorkloadIdentity(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<IssuerOptions>().Bind(section);
        services.AddOptions<SigningKeyOptions>().Bind(section.GetSection("SigningKeys")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SigningKeyVault>();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<TokenIssuer>();
        services.AddSingleton<IssuerDocuments>();
        services.AddSingleton(provider => new PublishedCopy(PublishedCopy.NewTransport(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<CopyCheck>();
        services.AddSingleton<KeyRotation>();
        services.AddSingleton<KeySchedule>();
        services.AddHostedService(provider => provider.GetRequiredService<KeySchedule>());
        return services;
    }
}
