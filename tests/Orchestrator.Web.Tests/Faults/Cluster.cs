using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Faults;

internal enum Victim
{
    Worker,
    Web,
    Database,

    /// <summary>The worker stands still for longer than its lease, and then goes on as if nothing had happened.</summary>
    FrozenWorker,

    /// <summary>Every connection to the database ends.</summary>
    Connections,

    /// <summary>Nothing that the worker writes may grow any more, for a while.</summary>
    FullDisk,

    /// <summary>The worker's clock jumps an hour ahead, and stays there.</summary>
    ClockAhead,

    /// <summary>The worker's clock jumps an hour back, and stays there.</summary>
    ClockBack,

    /// <summary>The worker is told to end, and another one takes its place.</summary>
    DrainedWorker,

    /// <summary>The same of the web server.</summary>
    DrainedWeb,
}

/// <summary>An installation of several processes on one PostgreSQL: a web server and two workers. Each can be hurt, and each is started again as a
/// service manager would.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    /// <summary>Longer than any lease among others.</summary>
    private static readonly TimeSpan Freeze = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DatabaseIsAway = TimeSpan.FromSeconds(5);

    /// <summary>Puts a clock of one's choice before a process. Debian has it in the package faketime.</summary>
    private static readonly string Faketime = Directory.EnumerateFiles("/usr/lib", "libfaketime.so.1", new EnumerationOptions
    {
        RecurseSubdirectories = true,
        // Some libraries contain a link to themselves.
        AttributesToSkip = FileAttributes.ReparsePoint,
    }).FirstOrDefault() ?? "";

    // Room for what a worker starts with and for its runs, and soon filled.
    private const string DiskSize = "256m";

    private readonly string _outside = Directory.CreateTempSubdirectory("orchestrator-faults-").FullName;
    private readonly MortalPostgres _postgres;
    private readonly string _address;
    private readonly ServerProcess?[] _workers = new ServerProcess?[2];
    private readonly bool _haveClocks;
    private ServerProcess? _web;

    private Cluster(MortalPostgres postgres, string address, bool haveClocks)
    {
        (_postgres, _address, _haveClocks) = (postgres, address, haveClocks);
        Api = new ApiClient(new Uri(address), Platform.AdminToken);
    }

    public ApiClient Api { get; }

    public string ConnectionString => _postgres.ConnectionString;

    /// <summary>Where the workers keep runs' directories.</summary>
    public IEnumerable<string> RunDirectories => Enumerable.Range(0, _workers.Length).Select(number => Path.Combine(WorkerDirectory(number), "runs")).Where(Directory.Exists);

    private (string, string)[] Settings =>
    [
        ("Orchestrator__Database__Provider", "PostgreSql"), ("Orchestrator__Database__ConnectionString", _postgres.ConnectionString),
        ("Orchestrator__Issuer", _address), ("Orchestrator__IssuerIsElsewhere", "true"), ("Orchestrator__Worker__ApiAddress", _address),
        ("Orchestrator__Worker__MaxConcurrentRuns", "4"),
    ];

    /// <param name="haveClocks">The workers' clocks can be made to jump.</param>
    public static async Task<Cluster> StartAsync(bool haveClocks = false)
    {
        Assert.True(!haveClocks || Faketime.Length > 0, "Clocks can be made to jump where libfaketime is installed (Debian: apt-get install faketime).");
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var cluster = new Cluster(await MortalPostgres.StartAsync(), $"http://127.0.0.1:{port}", haveClocks);
        await cluster.StartWebAsync();
        await cluster.MountDisksAsync();
        cluster.StartWorker(0);
        cluster.StartWorker(1);
        return cluster;
    }

    /// <summary>Does it, and brings back what it has taken.</summary>
    /// <param name="claimedBy">The worker that has the run, as its row says.</param>
    public async Task HurtAsync(Victim victim, string? claimedBy)
    {
        var worker = Math.Max(0, Array.FindIndex(_workers, one => claimedBy?.Contains($":{one!.Id}:", StringComparison.Ordinal) == true));
        switch (victim)
        {
            case Victim.Worker:
                await _workers[worker]!.KillAsync();
                StartWorker(worker);
                break;
            case Victim.Web:
                await _web!.KillAsync();
                await StartWebAsync();
                break;
            case Victim.Database:
                await _postgres.KillAsync();
                await Task.Delay(DatabaseIsAway);
                await _postgres.BeginAsync();
                break;
            case Victim.FrozenWorker:
                await _workers[worker]!.SignalAsync("STOP");
                await Task.Delay(Freeze);
                await _workers[worker]!.SignalAsync("CONT");
                break;
            case Victim.Connections:
                await _postgres.CutAsync();
                break;
            case Victim.FullDisk:
                var filler = Path.Combine(WorkerDirectory(worker), "filler");
                await FillAsync(filler);
                await Task.Delay(DatabaseIsAway);
                File.Delete(filler);
                if (_workers[worker]!.IsOver)
                {
                    // It had just been started, and does not start without room.
                    StartWorker(worker);
                }
                break;
            case Victim.ClockAhead:
                SetClock(worker, "+1h");
                break;
            case Victim.ClockBack:
                SetClock(worker, "-1h");
                break;
            case Victim.DrainedWorker:
                await ReplaceWorkerAsync(worker);
                break;
            case Victim.DrainedWeb:
                await ReplaceWebAsync(TimeSpan.Zero);
                break;
        }
    }

    public int Workers => _workers.Length;

    public int ProcessOf(int worker) => _workers[worker]!.Id;

    /// <summary>The worker is told to end, and another one is started in its place.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> ReplaceWorkerAsync(int worker)
    {
        var code = await _workers[worker]!.TerminateAsync();
        StartWorker(worker);
        return code;
    }

    /// <summary>The same for the web server.</summary>
    /// <param name="away">How long there is none in between.</param>
    public async Task<int> ReplaceWebAsync(TimeSpan away)
    {
        var code = await _web!.TerminateAsync();
        await Task.Delay(away);
        await StartWebAsync();
        return code;
    }

    /// <summary>Asks the database itself; it may just be away.</summary>
    public async Task<T?> AskAsync<T>(string sql, string id)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        command.Parameters.AddWithValue("id", id);
        return await command.ExecuteScalarAsync() is T found ? found : default;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _workers.Append(_web).OfType<ServerProcess>())
        {
            await process.DisposeAsync();
        }
        Api.Dispose();
        await _postgres.DisposeAsync();
        for (var worker = 0; worker < _workers.Length; worker++)
        {
            await RunAsync("umount", "--lazy", WorkerDirectory(worker));
        }
        DirectoryRemoval.Remove(_outside);
    }

    private string WorkerDirectory(int number) => Path.Combine(_outside, $"worker-{number}");

    /// <summary>Each worker has a small disk of its own, in memory.</summary>
    private async Task MountDisksAsync()
    {
        for (var worker = 0; worker < _workers.Length; worker++)
        {
            Directory.CreateDirectory(WorkerDirectory(worker));
            Assert.True(
                await RunAsync("mount", "-t", "tmpfs", "-o", $"size={DiskSize},mode=0700", "none", WorkerDirectory(worker)),
                "Faults take a user who may mount disks: root.");
        }
    }

    private static async Task<bool> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode == 0;
    }

    /// <summary>To the last byte.</summary>
    private static async Task FillAsync(string path)
    {
        await using var filler = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var much = new byte[1024 * 1024];
        for (var length = much.Length; length > 0;)
        {
            try
            {
                filler.Write(much.AsSpan(0, length));
            }
            catch (IOException)
            {
                length /= 2;
            }
        }
    }

    private async Task StartWebAsync() =>
        _web = await ServerProcess.StartAsync(Path.Combine(_outside, "web"), ["web", "--urls", _address], Settings);

    private void StartWorker(int number)
    {
        (string, string)[] clock = [];
        if (_haveClocks)
        {
            SetClock(number, "+0");
            clock =
            [
                ("LD_PRELOAD", Faketime), ("FAKETIME_TIMESTAMP_FILE", ClockOf(number)), ("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
                // Or every wait of .NET ends at once.
                ("FAKETIME_FORCE_MONOTONIC_FIX", "0"),
            ];
        }
        _workers[number] = ServerProcess.Run(WorkerDirectory(number), ["worker", "--urls", "http://127.0.0.1:0"], [.. Settings, .. clock]);
    }

    private string ClockOf(int worker) => Path.Combine(_outside, $"clock-{worker}");

    private void SetClock(int worker, string offset) => File.WriteAllText(ClockOf(worker), offset + "\n");
}
