using System.Text.RegularExpressions;

namespace Orchestrator.Terraform;

/// <summary>The environments of a run's commands, under names that mean nothing to anybody on the way to terraform.</summary>
/// <remarks>Between this process and terraform are programs that make the sandbox, and they run outside of it. A workspace's <c>PATH</c> or
/// <c>LD_PRELOAD</c> would decide which programs these are, and what they do. <see cref="Guard"/>, inside, opens it for terraform alone, and for
/// each command only what is that command's.</remarks>
internal static partial class SealedEnvironment
{
    private const string Value = "RUN_";

    // Of the first command, the second, and so on: what a shell does to open it.
    private const string Opening = "ORCHESTRATOR_OPENING_";

    public static IEnumerable<(string Name, string Value)> Of(IReadOnlyList<IReadOnlyDictionary<string, string>> commands)
    {
        yield return ("PATH", SystemPrograms.SearchPath);
        // By which processes are found, and which nobody reads.
        yield return (ProcessTree.Marker, commands[0][ProcessTree.Marker]);
        // A shell can set no other names. The few programs that use them do without.
        var named = commands.Select(environment => environment.Where(pair => Nameable().IsMatch(pair.Key) && pair.Key != ProcessTree.Marker).ToArray()).ToArray();
        // Most commands have most values in common, and some a value of their own for a common name.
        var seals = named.SelectMany(pairs => pairs).Select(pair => pair.Value).Distinct().Select((value, index) => (value, index))
            .ToDictionary(each => each.value, each => $"{Value}{each.index}", StringComparer.Ordinal);
        var openings = Enumerable.Range(1, named.Length).Select(number => $"{Opening}{number}").ToArray();
        var sealing = seals.Values.Concat(openings).ToArray();
        foreach (var (value, seal) in seals)
        {
            yield return (seal, value);
        }
        foreach (var (opening, pairs) in openings.Zip(named))
        {
            // All at once: a workspace's variable may be called as a seal is.
            var exports = string.Join(' ', pairs.Select(pair => $"{pair.Key}=\"${seals[pair.Value]}\""));
            yield return (opening, $"export {exports}; unset {string.Join(' ', sealing.Except(pairs.Select(pair => pair.Key)))}");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Nameable();
}
