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
        var found = new List<int>();
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && Shows(id, "environ", marker))
            {
                found.Add(id);
            }
        }
        return found;
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

    /// <summary>Whether the text is in a file of the process under <c>/proc</c>.</summary>
    internal static bool Shows(int id, string file, byte[] text)
    {
        try
        {
            // A process that has ended and is only waiting to be collected has an empty one.
            return File.ReadAllBytes($"/proc/{id}/{file}").AsSpan().IndexOf(text) >= 0;
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return false;
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
