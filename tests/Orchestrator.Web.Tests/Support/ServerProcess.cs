using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Orchestrator.Terraform;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Tests.Support;

/// <summary>The server as a process of its own, for tests of its death. Ends with the test, by its own id.</summary>
internal sealed partial class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said = new();

    private ServerProcess(Process process) => _process = process;

    public Uri? Address { get; private set; }

    public int Id => _process.Id;

    public bool IsOver => _process.HasExited;

    public string Said
    {
        get
        {
            lock (_said)
            {
                return _said.ToString();
            }
        }
    }

    /// <summary>Starts the server and waits until it listens.</summary>
    public static async Task<ServerProcess> StartAsync(
        string directory, Uri? address = null, params (string Name, string Value)[] environment) =>
        await StartAsync(Start(directory, address ?? new Uri("http://127.0.0.1:0"), environment));

    /// <summary>The same with another verb.</summary>
    public static async Task<ServerProcess> StartAsync(string directory, string[] arguments, params (string Name, string Value)[] environment) =>
        await StartAsync(Run(directory, arguments, environment));

    private static async Task<ServerProcess> StartAsync(ServerProcess server)
    {
        await Wait.UntilAsync("the server to listen", () =>
            ListensAt().IsMatch(server.Said) || (server._process.HasExited ? throw new Xunit.Sdk.XunitException(server.Said) : false));
        server.Address = new Uri(ListensAt().Match(server.Said).Groups["address"].Value);
        return server;
    }

    public static ServerProcess Start(string directory, Uri address, params (string Name, string Value)[] environment) =>
        Run(directory, ["--urls", address.ToString().TrimEnd('/')], environment);

    /// <summary>The program with any verb.</summary>
    public static ServerProcess Run(string directory, string[] arguments, params (string Name, string Value)[] environment)
    {
        // A file that may not grow is then an error of whoever writes it, and not the end of the process.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "trap '' XFSZ; exec \"$@\"", "sh", "dotnet", typeof(WebServer).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(directory)!,
        };
        start.Environment["Orchestrator__DataDirectory"] = directory;
        start.Environment["Orchestrator__AdminToken"] = Platform.AdminToken;
        start.Environment["Orchestrator__Api__RateLimit"] = "0";
        start.Environment["Orchestrator__SecondsToSaveAfterWorkerDied"] = "30";
        // Quickly made.
        start.Environment["Orchestrator__SigningKeys__Algorithm"] = "ES256";
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        var server = new ServerProcess(new Process { StartInfo = start });
        server._process.OutputDataReceived += (_, line) => server.Hear(line.Data);
        server._process.ErrorDataReceived += (_, line) => server.Hear(line.Data);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        return server;
    }

    public async Task<int> WaitForExitAsync()
    {
        using var limit = new CancellationTokenSource(Wait.Limit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>From now on no file of the server's may grow beyond so many bytes; null lets them grow again.</summary>
    public async Task LimitFilesAsync(long? bytes)
    {
        var limit = bytes?.ToString(CultureInfo.InvariantCulture) ?? "unlimited";
        using var prlimit = Process.Start("prlimit", ["--pid", _process.Id.ToString(CultureInfo.InvariantCulture), $"--fsize={limit}:"]);
        await prlimit.WaitForExitAsync();
        Assert.True(prlimit.ExitCode == 0, Said);
    }

    /// <summary>SIGKILL, for the server alone: what it has started lives on.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: false);
        await WaitForExitAsync();
    }

    /// <summary>SIGTERM.</summary>
    public async Task<int> TerminateAsync()
    {
        await SignalAsync("TERM");
        return await WaitForExitAsync();
    }

    /// <summary>Sends a signal, and does not wait for what it does.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }
        _process.Dispose();
    }

    private void Hear(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }
    }

    [GeneratedRegex(@"Orchestrator is at (?<address>http://\S+)")]
    private static partial Regex ListensAt();
}
