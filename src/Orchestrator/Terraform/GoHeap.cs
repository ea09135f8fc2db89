using System.Globalization;

namespace Orchestrator.Terraform;

/// <summary>How far the heaps of terraform and its providers, which are Go programs, may grow before they are collected.</summary>
/// <remarks>Go collects whenever a heap has doubled, from 4 MB on: with that a command of a moment spends a fifth of its time. Where a run's share
/// of the memory has the room, heaps may grow to five times their size instead, until half of the share is used; from there on they are collected as
/// often as it takes to stay there.</remarks>
public static class GoHeap
{
    private const long Room = 4L * 1024 * 1024 * 1024;

    /// <summary>The variables that tell a Go program so; none where there is no room.</summary>
    /// <param name="memory">Bytes that this machine, or this container, has.</param>
    /// <param name="runs">How many runs share them.</param>
    public static IReadOnlyDictionary<string, string> VariablesFor(long memory, int runs) => memory / runs is >= Room and var share
        ? new Dictionary<string, string> { ["GOGC"] = "400", ["GOMEMLIMIT"] = (share / 2).ToString(CultureInfo.InvariantCulture) }
        : new Dictionary<string, string>();
}
