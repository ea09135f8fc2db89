using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Credentials.Aws;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Compares the clocks once at the start, when some workspace uses AWS: a wrong clock otherwise shows as refusals that look
/// like something else.</summary>
public sealed partial class AwsClockCheck(
    AwsCredentialExchange exchange, AwsClock awsClock, IDbContextFactory<OrchestratorDbContext> databases, IHostApplicationLifetime host,
    ILogger<AwsClockCheck> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Its query has to be compiled, and nobody's start should wait for that.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (host.ApplicationStarted.Register(started.SetResult))
        {
            await started.Task.WaitAsync(stoppingToken);
        }
        await using var db = await databases.CreateDbContextAsync(stoppingToken);
        if (await db.Variables.AnyAsync(variable => variable.Key == AwsVocabulary.Instance.Switch, stoppingToken))
        {
            await exchange.AskTheTimeAsync(stoppingToken);
        }
        if (awsClock.Warning is { } warning)
        {
            Log.Wrong(logger, warning);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Warning}")]
        public static partial void Wrong(ILogger logger, string warning);
    }
}
