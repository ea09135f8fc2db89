using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Web.Tests.Support;

/// <summary>Keeps what the server logs as a problem.</summary>
internal sealed class RecordedLogs : ILoggerProvider
{
    // The database's own complaints (no table of migrations yet, a name that is taken) reach whoever asked, and are logged there.
    private static readonly string[] Database = ["Microsoft.EntityFrameworkCore.Database.Command", "Microsoft.EntityFrameworkCore.Update"];

    private readonly ConcurrentQueue<string> _errors = new();

    public IReadOnlyCollection<string> Errors => _errors;

    public ILogger CreateLogger(string categoryName) => new Recorder(categoryName, _errors);

    public void Dispose()
    {
    }

    private sealed class Recorder(string category, ConcurrentQueue<string> errors) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => (logLevel >= LogLevel.Error || (logLevel >= LogLevel.Warning && category.StartsWith("Hangfire", StringComparison.Ordinal)))
            && !Database.Contains(category);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                errors.Enqueue($"{category}: {formatter(state, exception)} {exception}");
            }
        }
    }
}
