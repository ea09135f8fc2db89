using System.Globalization;

namespace Orchestrator.Terraform;

/// <summary>How far the heaps of terraform and its providers, which are Go programs, may grow before they are collected.</summary>
/// <remarks>Go collects whenever a heap has doubled, from 4 MB on: with that a command of a moment spends a quarter of its time. Where a run has the
/// room, heaps may grow to nine times their size instead, as long as they are small: each alias of a provider is a process of its own, and
/// together they must stay within what a run may use.</remarks>
public static class GoHeap
{
    private const long Gibibyte = 1024 * 1024 * 1024;
    private const long Room = 4 * Gibibyte;

    /// <summary>So many processes may grow to the limit at once.</summary>
    private const int Processes = 8;

    /// <summary>The variables that tell a Go program so; none where there is no room.</summary>
    /// <param name="memory">Bytes that this machine, or this container, has.</param>
    /// <param name="runs">How many runs share them.</param>
    /// <param name="limit">Bytes that one run may use.</param>
    public static IReadOnlyDictionary<string, string> VariablesFor(long memory, int runs, long limit) =>
        Math.Min(memory / runs, limit) is >= Room and var share
            ? new Dictionary<string, string>
            {
                ["GOGC"] = "800",
                // A heap that has to be larger is collected all the time below it.
                ["GOMEMLIMIT"] = Math.Max(share / Processes, Gibibyte).ToString(CultureInfo.InvariantCulture),
            }
            : new Dictionary<string, string>();
}
