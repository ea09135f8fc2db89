using System.Text.RegularExpressions;

namespace Orchestrator.Terraform;

/// <summary>A run's environment, under names that mean nothing to anybody on the way to terraform.</summary>
/// <remarks>Between this process and terraform are programs that make the sandbox, and they run outside of it. A workspace's <c>PATH</c> or
/// <c>LD_PRELOAD</c> would decide which programs these are, and what they do. <see cref="Guard"/>, inside, opens it for terraform alone.</remarks>
internal static partial class SealedEnvironment
{
    private const string Prefix = "RUN_";
    private const string Names = "ORCHESTRATOR_NAMES";

    public static IEnumerable<(string Name, string Value)> Of(IReadOnlyDictionary<string, string> environment)
    {
        yield return ("PATH", SystemPrograms.SearchPath);
        // By which processes are found, and which nobody reads.
        yield return (ProcessTree.Marker, environment[ProcessTree.Marker]);
        // A shell can set no other names. The few programs that use them do without.
        var names = environment.Keys.Where(name => Nameable().IsMatch(name) && name != ProcessTree.Marker).ToArray();
        yield return (Names, string.Join(' ', names));
        foreach (var name in names)
        {
            yield return (Prefix + name, environment[name]);
        }
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex Nameable();
}
