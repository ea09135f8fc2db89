using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Terraform;

/// <summary>A range of user ids that belong to nobody, of which each running phase has one for itself. Only root can hand them out.</summary>
/// <remarks>Whatever a run leaves behind is then found and ended by its user, and the kernel keeps runs from each other's files and
/// processes, also where there is no sandbox.</remarks>
/// <param name="First">The first of them.</param>
/// <param name="Count">How many.</param>
/// <param name="SetPriv">The program that takes on a user, and drops all else.</param>
public sealed record RunUsers(int First, int Count, string SetPriv)
{
    /// <summary>Which of them are taken, for all servers of this machine: one locked file each.</summary>
    private const string Taken = "/run/orchestrator-users";

    /// <summary>Null where this process may not hand out users, or is told not to.</summary>
    internal static RunUsers? Find(RunUserOptions options) =>
        options.Count > 0 && Environment.UserName == "root" && Environment.IsPrivilegedProcess && SystemPrograms.Find("setpriv", besidesPath: true) is { } setpriv && CanTake()
            ? new RunUsers(options.First, options.Count, setpriv)
            : null;

    /// <summary>Takes a user that nobody else has until it is given back.</summary>
    /// <exception cref="IOException">All are taken.</exception>
    public RunUser Take()
    {
        // Neighbours in time do not share a user, so that what one has left behind is no riddle for the next.
        var start = Random.Shared.Next(Count);
        for (var step = 0; step < Count; step++)
        {
            var id = First + ((start + step) % Count);
            if (TryLock(id) is not { } held)
            {
                continue;
            }
            // A dead worker's terraform may still be saving its state.
            if (ProcessTree.OfUser(id).Count == 0)
            {
                return new RunUser(id, SetPriv, held);
            }
            held.Dispose();
        }
        throw new IOException($"All {Count} users for runs are taken; give this machine more (Orchestrator__RunUsers__Count)");
    }

    public bool Contains(uint id) => id >= First && id < First + Count;

    /// <summary>Ends everything that runs as the owner of a run's directory. For a phase whose worker is dead: nobody else knows its user.</summary>
    public async Task<(int Found, bool Gone)> KillOwnerOfAsync(string directory, TimeProvider clock) =>
        FileFacts.Of(directory) is { } facts && Contains(facts.Owner)
            ? await ProcessTree.KillUserAsync(SetPriv, (int)facts.Owner, clock)
            : (0, true);

    /// <summary>A place for the runs' directories that every user can pass through and none can look into: the data directory lets nobody in.</summary>
    /// <returns>Null when somebody else has made it.</returns>
    internal static string? CreateRuns(string data) => CreatePassage(data, "");

    /// <summary>The same for other things of this server's that every run's user needs.</summary>
    internal static string? CreatePassage(string data, string suffix)
    {
        const UnixFileMode passage = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        // A second name for another's file would become the run's own.
        if (File.ReadAllText("/proc/sys/fs/protected_hardlinks").Trim() != "1")
        {
            return null;
        }
        var name = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(data)))[..16];
        var runs = Directory.CreateDirectory($"/var/tmp/orchestrator-{name}{suffix}", passage);
        return runs.LinkTarget is null && FileFacts.Of(runs.FullName) is { Owner: 0 } && runs.UnixFileMode == passage ? runs.FullName : null;
    }

    private static bool CanTake()
    {
        try
        {
            Data.DataDirectory.Create(Taken);
            return FileFacts.Of(Taken) is { Owner: 0 };
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static FileStream? TryLock(int id)
    {
        try
        {
            return new FileStream(
                Path.Combine(Taken, id.ToString(CultureInfo.InvariantCulture)), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <summary>The user of one phase, until it is disposed. Then somebody else may have it.</summary>
public sealed class RunUser : IDisposable
{
    private readonly string _setpriv;
    private readonly FileStream _held;

    internal RunUser(int id, string setpriv, FileStream held)
    {
        (Id, _setpriv, _held) = (id, setpriv, held);
        // Programs such as ssh refuse to work for a user without an entry.
        PasswordFile = held.Name + ".passwd";
        File.WriteAllText(PasswordFile, string.Create(CultureInfo.InvariantCulture,
            $"root:x:0:0:root:/root:/usr/sbin/nologin\nrun:x:{id}:{id}:run:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"));
    }

    public int Id { get; }

    /// <summary>What the sandbox shows as <c>/etc/passwd</c>.</summary>
    internal string PasswordFile { get; }

    /// <summary>The command, as this user, who can become nobody else.</summary>
    internal IEnumerable<string> Around() =>
    [
        _setpriv, string.Create(CultureInfo.InvariantCulture, $"--reuid={Id}"), string.Create(CultureInfo.InvariantCulture, $"--regid={Id}"),
        "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--",
    ];

    public Task<(int Found, bool Gone)> KillAsync(TimeProvider clock) => ProcessTree.KillUserAsync(_setpriv, Id, clock);

    /// <summary>Gives this user what this process has put into the run's directory, but for the credentials, which it may only read.</summary>
    /// <remarks>No process of the user may be alive. Another's file with a second name here stays another's.</remarks>
    internal void Own(RunDirectory directory)
    {
        Give(directory.Root, directory.Credentials, (uint)Id);
    }

    /// <summary>Lets this user read what will be in a directory of credentials, and change nothing.</summary>
    internal void LetRead(string credentials)
    {
        FileFacts.GiveTo(credentials, 0, (uint)Id);
        // What is made in there later gets the same group.
        File.SetUnixFileMode(credentials, UnixFileMode.SetGroup | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
    }

    public void Dispose() => _held.Dispose();

    private static void Give(string path, string except, uint user)
    {
        if (path == except || FileFacts.Of(path) is not { } facts)
        {
            return;
        }
        var directory = new DirectoryInfo(path);
        var isDirectory = directory is { Exists: true, LinkTarget: null };
        if (facts.Owner == 0 && (isDirectory || facts.Links == 1))
        {
            FileFacts.GiveTo(path, user, user);
        }
        if (isDirectory)
        {
            foreach (var entry in Directory.EnumerateFileSystemEntries(path))
            {
                Give(entry, except, user);
            }
        }
    }
}

/// <summary>Which user ids are for runs. Section <c>Orchestrator:RunUsers</c>.</summary>
public sealed class RunUserOptions
{
    /// <summary>The first. No account of this machine may be among them.</summary>
    [System.ComponentModel.DataAnnotations.Range(1000, 2_000_000_000)]
    public int First { get; set; } = 58_000;

    /// <summary>How many: at least as many as phases run on this machine at once. 0: runs have this server's own user.</summary>
    [System.ComponentModel.DataAnnotations.Range(0, 60_000)]
    public int Count { get; set; } = 1000;
}
