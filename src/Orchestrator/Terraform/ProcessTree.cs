using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Orchestrator.Terraform;

/// <summary>Finds and kills every process of a run, also one that has left its parent.</summary>
/// <remarks>Each process of a run carries <see cref="Marker"/> in its environment. In the sandbox none can hide: they all
/// live in one PID namespace and die with its first process, which is found here.</remarks>
public static class ProcessTree
{
    public const string Marker = "ORCHESTRATOR_RUN_ID";

    private const int Rounds = 50;
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(20);

    /// <summary>The process ids of the run's processes on this machine.</summary>
    public static IReadOnlyList<int> Find(string run)
    {
        var marker = Encoding.ASCII.GetBytes($"{Marker}={run}\0");
        return [.. All().Where(id => Shows(id, "environ", marker))];
    }

    /// <summary>The process ids of a run with all their descendants, and of its user. In the sandbox that is everything: what has lost its
    /// parent there becomes a child of the sandbox's first process.</summary>
    public static IReadOnlyCollection<int> WholeOf(string run, int? user)
    {
        var whole = new HashSet<int>();
        foreach (var process in user is { } id ? Find(run).Concat(OfUser(id)) : Find(run))
        {
            Add(process);
        }
        return whole;

        void Add(int process)
        {
            if (whole.Add(process))
            {
                foreach (var child in ChildrenOf(process))
                {
                    Add(child);
                }
            }
        }
    }

    /// <summary>Bytes of memory that a process has for itself, also in files without a name; what it shares with others, such as a program's
    /// text, is left out.</summary>
    public static long MemoryOf(int process)
    {
        try
        {
            // Size, resident, shared, in pages.
            var pages = File.ReadAllText($"/proc/{process}/statm").Split(' ');
            return ((long.Parse(pages[1], CultureInfo.InvariantCulture) - long.Parse(pages[2], CultureInfo.InvariantCulture)) * Environment.SystemPageSize)
                + FileFacts.OfNameless(process, "/memfd:");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Kills until none is left.</summary>
    /// <returns>How many were alive at first, and whether all are gone now.</returns>
    public static async Task<(int Found, bool Gone)> KillAsync(string run, TimeProvider clock)
    {
        var first = Find(run);
        var alive = first;
        for (var round = 0; alive.Count > 0 && round < Rounds; round++)
        {
            foreach (var id in alive)
            {
                Kill(id);
            }
            await Task.Delay(Round, clock);
            alive = Find(run);
        }
        return (first.Count, alive.Count == 0);
    }

    /// <summary>The process ids of everything that runs as a user, on this machine.</summary>
    /// <remarks>A process's directory belongs to its effective user, and a run's processes can become no other: asking for that is all that
    /// hundreds of processes of others cost.</remarks>
    public static IReadOnlyList<int> OfUser(int user) =>
        [.. All().Where(id => FileFacts.Of($"/proc/{id}") is { } facts && facts.Owner == user && !Shows(id, "status", "\nState:\tZ"u8))];

    /// <summary>Kills everything that runs as a user, which the kernel does in one go: nobody can fork faster.</summary>
    internal static async Task<(int Found, bool Gone)> KillUserAsync(string setpriv, int user, TimeProvider clock)
    {
        var first = OfUser(user);
        var alive = first;
        for (var round = 0; alive.Count > 0 && round < Rounds; round++)
        {
            var id = user.ToString(CultureInfo.InvariantCulture);
            var start = new ProcessStartInfo(setpriv, ["--reuid", id, "--regid", id, "--clear-groups", "--", "/bin/sh", "-c", "kill -KILL -1"]);
            // It is that user's for a moment, and could be looked at.
            start.Environment.Clear();
            using (var killer = Process.Start(start)!)
            {
                await killer.WaitForExitAsync();
            }
            await Task.Delay(Round, clock);
            alive = OfUser(user);
        }
        return (first.Count, alive.Count == 0);
    }

    /// <summary>Whether the text is in a file of the process under <c>/proc</c>.</summary>
    /// <remarks>A process that has ended and is only waiting to be collected has an empty one.</remarks>
    internal static bool Shows(int id, string file, ReadOnlySpan<byte> text) => KernelFile.Contains($"/proc/{id}/{file}", text);

    private static IEnumerable<int> ChildrenOf(int process)
    {
        try
        {
            return [.. Directory.GetDirectories($"/proc/{process}/task")
                .SelectMany(thread => File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(child => int.Parse(child, CultureInfo.InvariantCulture))];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static IEnumerable<int> All()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                yield return id;
            }
        }
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill(entireProcessTree: true);
        }
        catch (Exception over) when (over is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It ended by itself.
        }
    }
}
