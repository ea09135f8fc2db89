using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Orchestrator.Terraform;

namespace Orchestrator.Web.Tests.Support;

/// <summary>A git repository behind a real SSH daemon on loopback, which lets in one key. Ends with the test.</summary>
internal sealed class GitServer : IAsyncDisposable
{
    private const string Daemon = "/usr/sbin/sshd";

    private readonly string _root = Directory.CreateTempSubdirectory("orchestrator-git-").FullName;
    private readonly int _port = FreePort();
    private Process? _daemon;

    /// <summary>Where git clones from.</summary>
    public string Address => $"ssh://{Environment.UserName}@127.0.0.1:{_port}{Repository}";

    public string ClientKey => File.ReadAllText(Path.Combine(_root, "client"));

    /// <summary>Its host key, as ssh-keyscan would print it.</summary>
    public string KnownHosts => $"[127.0.0.1]:{_port} {string.Join(' ', File.ReadAllText(Path.Combine(_root, "host.pub")).Split(' ').Take(2)).Trim()}";

    private string Repository => Path.Combine(_root, "repository");

    public static async Task<GitServer> StartAsync()
    {
        var server = new GitServer();
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", Path.Combine(server._root, "host"));
        await RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", Path.Combine(server._root, "client"));
        await RunAsync("git", "init", "-q", "-b", "main", server.Repository);
        await File.WriteAllTextAsync(Path.Combine(server._root, "sshd_config"), $"""
            ListenAddress 127.0.0.1:{server._port}
            HostKey {server._root}/host
            AuthorizedKeysFile {server._root}/client.pub
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            UsePAM no
            StrictModes no
            PidFile none
            PermitRootLogin prohibit-password

            """);
        // It insists on a directory of its own, also where it separates nothing.
        Directory.CreateDirectory("/run/sshd");
        server._daemon = Process.Start(new ProcessStartInfo(Daemon, ["-D", "-e", "-f", Path.Combine(server._root, "sshd_config")]) { RedirectStandardError = true })!;
        await Wait.ForAsync("the SSH daemon to listen", () =>
        {
            using var probe = new TcpClient();
            try
            {
                probe.Connect(IPAddress.Loopback, server._port);
                return Task.FromResult<string?>("");
            }
            catch (SocketException)
            {
                return Task.FromResult(server._daemon.HasExited ? throw new InvalidOperationException(server._daemon.StandardError.ReadToEnd()) : (string?)null);
            }
        });
        return server;
    }

    public async Task CommitAsync(string path, string content)
    {
        await File.WriteAllTextAsync(Path.Combine(Repository, path), content);
        await RunAsync("git", "-C", Repository, "add", ".");
        await RunAsync("git", "-C", Repository, "-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "A module");
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon is { HasExited: false })
        {
            _daemon.Kill(entireProcessTree: true);
            await _daemon.WaitForExitAsync();
        }
        _daemon?.Dispose();
        DirectoryRemoval.Remove(_root);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
