using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Web.Hosting;

/// <summary>Says at start that the keys to everything lie open.</summary>
internal static partial class KeyRingWarning
{
    public static void Warn(IServiceProvider services)
    {
        if (services.GetRequiredService<KeyRing>().IsWrapped)
        {
            return;
        }
        var logger = services.GetRequiredService<ILogger<KeyRing>>();
        if (services.GetRequiredService<IOptions<DataOptions>>().Value.Database.Provider == DatabaseProvider.PostgreSql)
        {
            Log.InDatabase(logger);
        }
        else if (services.GetRequiredService<IHostEnvironment>().IsProduction())
        {
            Log.InDirectory(logger);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The key ring stands in the database as it is: whoever has the database opens every secret in it. Set Orchestrator__KeyRing__KeyFile, "
            + "or __CertificatePath and __KeyPath, then run 'secrets rotate --delete-old'.")]
        public static partial void InDatabase(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning,
            "The key ring lies in the data directory as it is: whoever has the whole directory opens every secret in it. Set Orchestrator__KeyRing__KeyFile, "
            + "or __CertificatePath and __KeyPath, then run 'secrets rotate --delete-old'.")]
        public static partial void InDirectory(ILogger logger);
    }
}
