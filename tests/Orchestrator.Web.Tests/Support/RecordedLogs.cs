using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Web.Tests.Support;

/// <summary>Keeps what the server logs as a problem.</summary>
internal sealed class RecordedLogs : ILoggerProvider
{
    // The database's own complaints (no table of migrations yet, a name that is taken) reach whoever asked, and are logged there.
    private static readonly string[] Database = ["Microsoft.EntityFrameworkCore.Database.Command", "Microsoft.EntityFrameworkCore.Update"];

    private readonly ConcurrentQueue<string> _errors = new();
    private readonly ConcurrentQueue<string> _warnings = new();
    private readonly ConcurrentQueue<string> _secrets = new();

    public IReadOnlyCollection<string> Errors => _errors;

    /// <summary>What does not stop anything.</summary>
    public IReadOnlyCollection<string> Warnings => _warnings;

    /// <summary>Messages of any kind that hold a planted secret.</summary>
    public IReadOnlyCollection<string> Secrets => _secrets;

    public ILogger CreateLogger(string categoryName) => new Recorder(categoryName, this);

    public void Dispose()
    {
    }

    private sealed class Recorder(string category, RecordedLogs logs) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information && !Database.Contains(category);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }
            var message = $"{category}: {formatter(state, exception)} {exception}";
            if (Planted.IsIn(message))
            {
                logs._secrets.Enqueue($"a message of {category}");
            }
            if (logLevel >= LogLevel.Warning)
            {
                var isError = logLevel >= LogLevel.Error || category.StartsWith("Hangfire", StringComparison.Ordinal);
                (isError ? logs._errors : logs._warnings).Enqueue(message);
            }
        }
    }
}
