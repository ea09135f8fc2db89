using Orchestrator.Benchmarks.Harness;

namespace Orchestrator.Benchmarks.Scale;

/// <summary>An installation of several processes on one PostgreSQL, as <c>docker compose up --scale worker=N</c> makes it: one process answers, and
/// workers carry out.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly WorkArea _area;
    private readonly FreshDatabase _database;
    private readonly ServerProcess _web;
    private readonly List<ServerProcess> _workers = [];
    private int _workspaces;

    private Cluster(WorkArea area, FreshDatabase database, ServerProcess web)
    {
        (_area, _database, _web, Api) = (area, database, web, new ApiClient(web.Address));
    }

    public ApiClient Api { get; }

    public string Address => _web.Address;

    public static async Task<Cluster> StartAsync(BenchmarkOptions options, WorkArea area)
    {
        var database = await FreshDatabase.CreateAsync(options);
        var address = ServerProcess.FreeAddress();
        var web = await ServerProcess.StartAsync(
            database.Options, area.Fresh("web"), role: new ServerRole(ServerRole.Web, address, Settings(address)));
        var cluster = new Cluster(area, database, web);
        await cluster.Api.CreateOrganizationAsync(ScaleSuite.Organization);
        return cluster;
    }

    /// <param name="places">Runs at once, of each.</param>
    public async Task StartWorkersAsync(int count, int places)
    {
        for (var number = 0; number < count; number++)
        {
            _workers.Add(await ServerProcess.StartAsync(_database.Options, _area.Fresh("worker"), role: new ServerRole(
                ServerRole.Worker, ServerProcess.FreeAddress(),
                [.. Settings(Address), ("Orchestrator__Worker__MaxConcurrentRuns", FormattableString.Invariant($"{places}"))])));
        }
    }

    public async Task StopWorkersAsync()
    {
        await Task.WhenAll(_workers.Select(worker => worker.DisposeAsync().AsTask()));
        _workers.Clear();
    }

    public Task<string> FreshWorkspaceAsync() => Api.CreateWorkspaceAsync(
        ScaleSuite.Organization, $"measured-{Interlocked.Increment(ref _workspaces)}", WorkArea.Sample("hello"));

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await StopWorkersAsync();
        await _web.DisposeAsync();
        await _database.DisposeAsync();
    }

    private static (string, string)[] Settings(string address) =>
    [
        ("Orchestrator__Issuer", address), ("Orchestrator__IssuerIsElsewhere", "true"), ("Orchestrator__Worker__ApiAddress", address),
    ];
}
