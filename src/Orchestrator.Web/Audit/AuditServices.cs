using Orchestrator.Data.Audit;

namespace Orchestrator.Web.Audit;

internal static class AuditServices
{
    /// <summary>For every process that serves or works; the verbs beside a server append directly.</summary>
    public static void AddAuditUpkeep(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<AuditOptions>().Bind(section.GetSection("Audit")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<AuditUpkeep>();
        services.AddHostedService(provider => provider.GetRequiredService<AuditUpkeep>());
    }

    /// <summary>For what serves.</summary>
    public static void AddAudit(this IServiceCollection services) => services.AddSingleton<RefusalLimit>().AddSingleton<ReadingLimit>().AddSingleton<TokenSightings>();
}
