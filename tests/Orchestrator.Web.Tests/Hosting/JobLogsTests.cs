using Microsoft.Extensions.Logging;
using Orchestrator.Web.Hosting;
using Level = Hangfire.Logging.LogLevel;

namespace Orchestrator.Web.Tests.Hosting;

public sealed class JobLogsTests
{
    [Fact]
    public void The_jobs_of_a_server_outlive_the_log_of_another_in_the_process()
    {
        var loggers = new LoggerFactory();
        var logs = new JobLogs(loggers);
        Assert.NotNull(logs.GetLogger("jobs"));

        loggers.Dispose();

        Assert.False(logs.GetLogger("jobs").Log(Level.Error, () => "nobody hears it"));
    }
}
