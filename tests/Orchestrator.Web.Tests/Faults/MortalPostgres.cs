using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Orchestrator.Tests.Support;

namespace Orchestrator.Web.Tests.Faults;

/// <summary>A PostgreSQL that can be killed and started again on what it has left.</summary>
internal sealed class MortalPostgres : IAsyncDisposable
{
    private const int Starts = 40;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly string _directory = Directory.CreateTempSubdirectory("orchestrator-faults-pg-").FullName;

    public string ConnectionString => $"Host={_directory};Username=postgres;Database=postgres;Maximum Pool Size=20;Timeout=10";

    private string Data => Path.Combine(_directory, "data");

    public static async Task<MortalPostgres> StartAsync()
    {
        var server = new MortalPostgres();
        await RunAsync("chown", "postgres", server._directory);
        // What a process has written outlives its death by itself: only the machine's would need fsync.
        await AsOwnerAsync($"'{PostgresServer.Programs}/initdb' -D '{server.Data}' -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null");
        await AsOwnerAsync($"printf \"listen_addresses=''\\nunix_socket_directories='{server._directory}'\\nfsync=off\\nmax_connections=200\\n\" >> '{server.Data}/postgresql.conf'");
        await server.BeginAsync();
        return server;
    }

    /// <summary>Refused as long as something of the one before is still alive.</summary>
    public async Task BeginAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await AsOwnerAsync($"'{PostgresServer.Programs}/pg_ctl' -D '{Data}' -l '{_directory}/log' -w -t 20 start >/dev/null 2>&1") == 0)
            {
                return;
            }
            Assert.True(attempt < Starts, $"PostgreSQL did not start again: {await File.ReadAllTextAsync($"{_directory}/log")}");
            await Task.Delay(Pause);
        }
    }

    /// <summary>SIGKILL, for all of it.</summary>
    public async Task KillAsync()
    {
        var first = int.Parse((await File.ReadAllLinesAsync($"{Data}/postmaster.pid"))[0], CultureInfo.InvariantCulture);
        foreach (var process in Process.GetProcessesByName("postgres").Where(process => IsOf(process.Id, first)).OrderBy(process => process.Id == first ? 0 : 1))
        {
            process.Kill();
        }
    }

    /// <summary>Cuts every connection that there is.</summary>
    public async Task CutAsync()
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'", connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await AsOwnerAsync($"'{PostgresServer.Programs}/pg_ctl' -D '{Data}' -m immediate -w stop >/dev/null 2>&1");
        Directory.Delete(_directory, recursive: true);
    }

    private static bool IsOf(int process, int first)
    {
        try
        {
            return process == first
                || File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal)).EndsWith($"\t{first}", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static Task<int> AsOwnerAsync(string script) => Environment.UserName == "root"
        ? RunAsync("runuser", "-u", "postgres", "--", "/bin/sh", "-c", $"cd / && {script}")
        : RunAsync("/bin/sh", "-c", script);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
