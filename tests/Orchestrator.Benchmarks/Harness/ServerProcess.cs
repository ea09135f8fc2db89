using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Orchestrator.Data;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>A server in a process of its own, as people run it: its time and its memory are not mixed with ours.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    public const string AdminToken = "the-benchmarks-own-admin-token";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(2);

    private readonly Process _process;
    private readonly string _output;

    private ServerProcess(Process process, string address, string output)
    {
        (_process, Address, _output) = (process, address, output);
    }

    public string Address { get; }

    public int Id => _process.Id;

    /// <summary>From the start of the process to its first answer.</summary>
    public TimeSpan TimeToFirstAnswer { get; private set; }

    /// <summary>Orchestrator, with a data directory of its choice.</summary>
    /// <param name="role">Default: everything in one process, with an address of its own.</param>
    public static Task<ServerProcess> StartAsync(
        BenchmarkOptions options, string dataDirectory, string environment = "Production", ServerRole? role = null)
    {
        var settings = new Dictionary<string, string?>
        {
            ["ASPNETCORE_ENVIRONMENT"] = environment,
            ["Orchestrator__DataDirectory"] = dataDirectory,
            ["Orchestrator__AdminToken"] = AdminToken,
            ["Orchestrator__Api__RateLimit"] = "0",
            ["Orchestrator__Database__Provider"] = options.Database.ToString(),
            ["Orchestrator__AwsSimulator__Url"] = "http://127.0.0.1:0",
            // The repository that is measured is on loopback.
            ["Orchestrator__Vcs__AllowPrivateAddresses"] = "true",
            ["Orchestrator__Vcs__AllowHttp"] = "true",
        };
        if (options.Database == DatabaseProvider.PostgreSql)
        {
            settings["Orchestrator__Database__ConnectionString"] = options.ConnectionString;
        }
        role ??= new ServerRole("serve", FreeAddress(), []);
        foreach (var (name, value) in role.Settings)
        {
            settings[name] = value;
        }
        var program = Path.Combine(PublishedServer.Directory, "Orchestrator.Web.dll");
        var urls = role.Verb == ServerRole.Worker ? role.Address : $"{role.Address};https://127.0.0.1:0";
        return StartAsync([program, role.Verb, "--urls", urls], role.Address, "/healthz", settings, dataDirectory);
    }

    /// <summary>The baseline: what any ASP.NET Core server needs.</summary>
    public static Task<ServerProcess> StartEmptyAsync(string directory)
    {
        var address = FreeAddress();
        return StartAsync(["Orchestrator.Benchmarks.dll", EmptyServer.Verb, address], address, EmptyServer.Path, [], directory);
    }

    public static string FreeAddress()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using (var terminate = Process.Start("kill", ["-TERM", $"{_process.Id}"]))
            {
                await terminate.WaitForExitAsync();
            }
            using var deadline = new CancellationTokenSource(Patience);
            await _process.WaitForExitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        _process.Dispose();
    }

    private static async Task<ServerProcess> StartAsync(
        string[] command, string address, string path, Dictionary<string, string?> settings, string directory)
    {
        var output = Path.Combine(directory, "server-output.txt");
        // A file takes the output: nobody must keep reading for the server to go on.
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec dotnet \"$@\" >'{output}' 2>&1", "server", .. command])
        {
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }
        var started = Stopwatch.GetTimestamp();
        var server = new ServerProcess(Process.Start(start)!, address, output);
        await server.WaitForAnswerAsync(path);
        server.TimeToFirstAnswer = Stopwatch.GetElapsedTime(started);
        return server;
    }

    private async Task WaitForAnswerAsync(string path)
    {
        using var http = new HttpClient { BaseAddress = new Uri(Address) };
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(path);
                answer.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException) when (!_process.HasExited && Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(Look);
            }
            catch (HttpRequestException)
            {
                throw new InvalidOperationException($"The server does not answer. It said: {await File.ReadAllTextAsync(_output)}");
            }
        }
    }
}

/// <summary>What one of several processes does.</summary>
/// <param name="Verb">On the command line.</param>
internal sealed record ServerRole(string Verb, string Address, IReadOnlyList<(string Name, string Value)> Settings)
{
    public const string Web = "web";
    public const string Worker = "worker";
}
