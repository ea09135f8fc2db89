using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;

namespace Orchestrator.Tests.Support;

/// <summary>A private PostgreSQL cluster in a temporary directory, reached through a socket in that directory. It ends with
/// this process, whatever way the process ends.</summary>
/// <remarks>Knows no test framework, so that other test projects may link this file.</remarks>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Missing = "These tests need PostgreSQL, and its server programs are not in /usr/lib/postgresql. "
        + "Install them with: apt-get install postgresql";

    // The shell holds the server: a line, or the end of its standard input, stops it, and the directory goes with it.
    private const string Script = """
        dir=$1; bin=$2
        "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; exit 1; }
        "$bin/postgres" -D "$dir/data" -k "$dir" -h '' -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
          -c max_connections=300 -c shared_buffers=64MB -c logging_collector=off -c log_min_messages=log </dev/null &
        server=$!
        read -r word
        kill -INT "$server"
        wait "$server"
        rm -rf "$dir/data" "$dir/initdb.log"
        """;

    private readonly Process _shell;
    private readonly string _directory;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _databases;

    private PostgresServer(Process shell, string directory)
    {
        _shell = shell;
        _directory = directory;
        shell.ErrorDataReceived += (_, line) => Hear(line.Data);
    }

    /// <summary>Where the newest one's are.</summary>
    /// <exception cref="InvalidOperationException">There are none; the message says what to do.</exception>
    public static string Programs => (Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql")
            .OrderByDescending(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var major) ? major : 0)
            .Select(path => Path.Combine(path, "bin"))
            .FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")) && File.Exists(Path.Combine(path, "postgres")))
        : null) ?? throw new InvalidOperationException(Missing);

    /// <exception cref="InvalidOperationException">PostgreSQL is missing or does not start; the message says what to do.</exception>
    public static async Task<PostgresServer> StartAsync()
    {
        var directory = Directory.CreateTempSubdirectory("orchestrator-pg-").FullName;
        string[] shell = ["/bin/sh", "-c", Script, "postgres", directory, Programs];
        // The server refuses to run as root.
        var asRoot = Environment.UserName == "root";
        var start = asRoot
            ? new ProcessStartInfo("runuser", ["-u", "postgres", "--", .. shell])
            : new ProcessStartInfo(shell[0], shell[1..]);
        start.RedirectStandardInput = start.RedirectStandardError = true;
        start.WorkingDirectory = "/";
        if (asRoot)
        {
            using var owner = Process.Start("chown", ["postgres", directory]);
            await owner.WaitForExitAsync();
        }
        var server = new PostgresServer(new Process { StartInfo = start }, directory);
        server._shell.Start();
        server._shell.BeginErrorReadLine();
        await server._ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return server;
    }

    /// <summary>Lets go of connections soon: Hangfire's outlive the servers of tests, by minutes otherwise, until there are no more to be had.</summary>
    public string ConnectionStringOf(string database) =>
        $"Host={_directory};Username=postgres;Database={database};Maximum Pool Size=30;Timeout=30;Connection Idle Lifetime=10;Connection Pruning Interval=5";

    /// <summary>A fresh database, empty or a copy of <paramref name="template"/>.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> CreateDatabaseAsync(string template = "template0")
    {
        var name = $"test{Interlocked.Increment(ref _databases).ToString(CultureInfo.InvariantCulture)}";
        await ExecuteAsync($"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        return name;
    }

    public Task DropDatabaseAsync(string name) => ExecuteAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        _shell.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            await _shell.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _shell.Kill(entireProcessTree: true);
        }
        _shell.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task ExecuteAsync(string statement)
    {
        await using var connection = new NpgsqlConnection(ConnectionStringOf("postgres"));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync();
    }

    private void Hear(string? line)
    {
        if (line is null)
        {
            _ready.TrySetException(new InvalidOperationException($"PostgreSQL did not start:\n{_said}"));
            return;
        }
        if (!_ready.Task.IsCompleted)
        {
            _said.AppendLine(line);
        }
        if (line.Contains("database system is ready to accept connections", StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }
}
