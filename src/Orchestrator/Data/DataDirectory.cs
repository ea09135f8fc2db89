using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Orchestrator.Data;

/// <summary>The data directory (mode 0700) and the places in it.</summary>
/// <remarks>With SQLite the directory belongs to one process: it is held by an exclusive lock on <c>orchestrator.lock</c>
/// from the first use to the end, so that a second server on the same directory stops with a sentence instead of
/// corrupting the first one's runs. With PostgreSQL processes may share one; the first of them holds the lock, and knows that whoever held it
/// before is dead.</remarks>
public sealed class DataDirectory : IDisposable
{
    private readonly FileStream? _lock;
    private readonly string _runs;

    public DataDirectory(IOptions<DataOptions> options)
        : this(options.Value)
    {
        if (options.Value.Database.Provider == DatabaseProvider.Sqlite)
        {
            _lock = Hold(Path.Combine(Root, "orchestrator.lock"));
        }
        else if ((_lock = TryHold(Path.Combine(Root, "orchestrator.lock"))) is not null)
        {
            Place = PlaceOf(Path.Combine(Root, "place"));
        }
    }

    private DataDirectory(DataOptions options)
    {
        Root = Create(options.Root);
        _runs = options.RunsDirectory is { Length: > 0 } elsewhere ? Path.GetFullPath(elsewhere) : Path.Combine(Root, "runs");
    }

    public string Root { get; }

    /// <summary>What the processes have in common that hold this directory one after another since this machine has started; null for one that
    /// does not hold it.</summary>
    public string? Place { get; }

    public string DatabaseFile => Path.Combine(Root, "orchestrator.db");

    public string Blobs => Create(Path.Combine(Root, "blobs"));

    public string Keys => Create(Path.Combine(Root, "keys"));

    /// <summary>One directory a running phase; empty when nothing runs.</summary>
    public string Runs => Create(_runs);

    /// <summary>What of runs' logs waits for the database.</summary>
    public string Spool => Create(Path.Combine(Root, "spool"));

    public string Tls => Create(Path.Combine(Root, "tls"));

    public string AdminTokenFile => Path.Combine(Root, "admin-token");

    public void Dispose() => _lock?.Dispose();

    /// <summary>For a command that touches no run, beside a server that may be using the directory.</summary>
    public static DataDirectory Beside(DataOptions options) => new(options);

    /// <summary>A directory that only this user can enter.</summary>
    public static string Create(string path)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static FileStream Hold(string path)
    {
        try
        {
            return Open(path);
        }
        catch (IOException inUse)
        {
            throw new DataDirectoryInUseException(Path.GetDirectoryName(path)!, inUse);
        }
    }

    private static FileStream? TryHold(string path)
    {
        try
        {
            return Open(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static FileStream Open(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    /// <summary>Another machine that gets this directory cannot know that the one before is dead: locks end at the machine.</summary>
    private static string PlaceOf(string file)
    {
        if (!File.Exists(file))
        {
            File.WriteAllText(file, Guid.NewGuid().ToString("N"));
        }
        var sinceBoot = File.ReadAllText("/proc/sys/kernel/random/boot_id") + File.ReadAllText(file);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sinceBoot)))[..16];
    }
}

public sealed class DataDirectoryInUseException(string directory, Exception inner) : Exception(
    $"Another Orchestrator process is using the data directory {directory}. Stop it, or start this one with another "
    + "Orchestrator__DataDirectory. Several processes can only share a PostgreSQL database.", inner)
{
    public string Directory { get; } = directory;
}
