using Hangfire.AspNetCore;
using Hangfire.Logging;

namespace Orchestrator.Web.Hosting;

/// <summary>Hangfire has one log for the whole process. Where two servers are in one, the log of the one that ends first must not
/// break the jobs of the other.</summary>
internal sealed class JobLogs(ILoggerFactory loggers) : ILogProvider
{
    private readonly AspNetCoreLogProvider _logs = new(loggers);

    public ILog GetLogger(string name)
    {
        try
        {
            return _logs.GetLogger(name);
        }
        catch (ObjectDisposedException)
        {
            return new Silence();
        }
    }

    private sealed class Silence : ILog
    {
        public bool Log(Hangfire.Logging.LogLevel logLevel, Func<string>? messageFunc, Exception? exception = null) => false;
    }
}
