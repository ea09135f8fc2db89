using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Data;

namespace Orchestrator.Tests.Support;

/// <summary>Stands before the database and can be closed: whoever then asks for a connection waits. Locked, it sends everybody
/// away.</summary>
internal sealed class Door
{
    private TaskCompletionSource _open = Opened();
    private volatile bool _locked;
    private readonly TaskCompletionSource _knocked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void AddTo(IServiceCollection services)
    {
        var inner = services.Last(service => service.ServiceType == typeof(IDbContextFactory<OrchestratorDbContext>));
        services.Remove(inner);
        services.AddSingleton<IDbContextFactory<OrchestratorDbContext>>(provider =>
            new Behind(this, (IDbContextFactory<OrchestratorDbContext>)inner.ImplementationFactory!(provider)));
    }

    public void Close() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Lock() => _locked = true;

    public void Open()
    {
        _locked = false;
        _open.TrySetResult();
    }

    /// <summary>Ends when somebody stands before the closed door.</summary>
    public Task KnockedAsync() => _knocked.Task.WaitAsync(Wait.Limit);

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private sealed class Behind(Door door, IDbContextFactory<OrchestratorDbContext> inner) : IDbContextFactory<OrchestratorDbContext>
    {
        public OrchestratorDbContext CreateDbContext() => inner.CreateDbContext();

        public async Task<OrchestratorDbContext> CreateDbContextAsync(CancellationToken cancellationToken)
        {
            if (!door._open.Task.IsCompleted)
            {
                door._knocked.TrySetResult();
                await door._open.Task;
            }
            return door._locked
                ? throw new SqliteException("SQLite Error 5: 'database is locked'.", 5)
                : await inner.CreateDbContextAsync(cancellationToken);
        }
    }
}
