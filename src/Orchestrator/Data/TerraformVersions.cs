using System.Text.RegularExpressions;

namespace Orchestrator.Data;

/// <summary>What a workspace may say about terraform's version: an exact one, constraints as terraform writes them (<c>~&gt; 1.11.0</c>,
/// <c>&gt;= 1.9, &lt; 2.0</c>), or <c>latest</c> for the newest that is there.</summary>
public static partial class TerraformVersions
{
    public const string Latest = "latest";
    public const int MaxLength = 40;

    public const string Rule = "The version is an exact one such as '1.11.4', a constraint such as '~> 1.11.0', or 'latest'.";

    public static bool IsWellFormed(string wanted) => wanted == Latest
        || (wanted.Length <= MaxLength && wanted.Split(',').All(part => Constraint().IsMatch(part)));

    /// <summary>False for what is not well formed.</summary>
    /// <param name="version">Exact, such as <c>1.11.4</c> or <c>1.12.0-beta1</c>.</param>
    public static bool Allow(string wanted, string version)
    {
        if (wanted is Latest or "" || wanted == version)
        {
            return true;
        }
        // As in terraform, a constraint never means a pre-release that it does not name.
        return Numbers(version) is { } numbers && !version.Contains('-', StringComparison.Ordinal)
            && wanted.Split(',').All(part => Constraint().Match(part) is { Success: true } match && Holds(match, numbers));
    }

    /// <summary>The version that this names and no other, without a <c>v</c> before it; null for everything that leaves a choice.</summary>
    public static string? ExactOf(string wanted) => Exact().Match(wanted) is { Success: true } match ? match.Groups["exact"].Value : null;

    /// <summary>The newest of these that this allows; null when none is. Only an exact wish means a pre-release.</summary>
    public static string? Newest(string wanted, IEnumerable<string> versions) => versions
        .Where(version => ExactOf(version) == version && !version.Contains('-', StringComparison.Ordinal) && Allow(wanted, version))
        .MaxBy(version => version, Comparer<string>.Create(Compare));

    /// <summary>By their numbers.</summary>
    public static int Compare(string one, string other) => Numbers(one).AsSpan().SequenceCompareTo(Numbers(other));

    private static bool Holds(Match constraint, int[] version)
    {
        if (constraint.Groups["pre"].Success)
        {
            return false;
        }
        var parts = constraint.Groups["version"].Value.Split('.');
        var wanted = Numbers(constraint.Groups["version"].Value)!;
        var order = version.AsSpan().SequenceCompareTo(wanted);
        return constraint.Groups["operator"].Value switch
        {
            "" or "=" => order == 0,
            "!=" => order != 0,
            ">" => order > 0,
            ">=" => order >= 0,
            "<" => order < 0,
            "<=" => order <= 0,
            // All but the last part that is written stays: ~> 1.11 is any 1.x from 1.11 on, ~> 1.11.2 any 1.11.x from 1.11.2 on.
            _ => order >= 0 && version.AsSpan(0, parts.Length - 1).SequenceEqual(wanted.AsSpan(0, parts.Length - 1)),
        };
    }

    /// <summary>Three numbers; what is not written is zero.</summary>
    private static int[]? Numbers(string version)
    {
        var match = Constraint().Match(version);
        if (!match.Success)
        {
            return null;
        }
        var parts = match.Groups["version"].Value.Split('.');
        var numbers = new int[3];
        for (var index = 0; index < parts.Length; index++)
        {
            numbers[index] = int.Parse(parts[index], System.Globalization.CultureInfo.InvariantCulture);
        }
        return numbers;
    }

    [GeneratedRegex(@"\A\s*=?\s*v?(?<exact>[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}(?:-[0-9A-Za-z.-]+)?)\s*\z")]
    private static partial Regex Exact();

    [GeneratedRegex(@"\A\s*(?<operator>=|!=|>=|<=|>|<|~>)?\s*v?(?<version>[0-9]{1,6}(?:\.[0-9]{1,6}){0,2})(?<pre>-[0-9A-Za-z.-]+)?\s*\z")]
    private static partial Regex Constraint();
}
