using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Vcs.Triggers;

/// <summary>A glob over paths in a repository: <c>*</c> and <c>?</c> within a part, <c>**</c> over parts, <c>[a-z]</c> for a letter. A slash
/// before it counts for nothing: paths begin at the repository's root.</summary>
/// <remarks>Matched by an engine that never goes back, so that no pattern takes long.</remarks>
public sealed class PathPattern
{
    private readonly Regex _regex;

    private PathPattern(Regex regex) => _regex = regex;

    public bool Matches(string path) => _regex.IsMatch(path);

    /// <returns>Null when it is no pattern.</returns>
    public static PathPattern? TryParse(string pattern)
    {
        if (Translate(pattern.Trim().TrimStart('/')) is not { } regex)
        {
            return null;
        }
        try
        {
            return new PathPattern(new Regex(regex, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        }
        catch (Exception broken) when (broken is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static string? Translate(string pattern)
    {
        var regex = new StringBuilder(@"\A");
        for (var at = 0; at < pattern.Length; at++)
        {
            var rest = pattern.AsSpan(at);
            if (rest.StartsWith("**/"))
            {
                regex.Append("(?:[^/]+/)*");
                at += 2;
            }
            else if (rest.StartsWith("**"))
            {
                regex.Append(".*");
                at++;
            }
            else if (pattern[at] == '[')
            {
                var end = pattern.IndexOf(']', at + 2 > pattern.Length ? at : Math.Min(at + 2, pattern.Length));
                if (end < 0)
                {
                    return null;
                }
                var inside = pattern[(at + 1)..end];
                regex.Append(inside is ['!', ..] or ['^', ..] ? "[^/" + Escape(inside[1..]) : "[" + Escape(inside)).Append(']');
                at = end;
            }
            else
            {
                regex.Append(pattern[at] switch
                {
                    '*' => "[^/]*",
                    '?' => "[^/]",
                    var letter => Regex.Escape(letter.ToString()),
                });
            }
        }
        // What stands for a directory stands for all that is in it.
        return pattern.Length == 0 ? null : regex.Append(pattern.EndsWith('/') ? ".*" : "").Append(@"\z").ToString();
    }

    private static string Escape(string set) => set.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("[", @"\[", StringComparison.Ordinal).Replace("]", @"\]", StringComparison.Ordinal).Replace("^", @"\^", StringComparison.Ordinal);
}
