using System.Text.RegularExpressions;

namespace Orchestrator.Vcs.Triggers;

/// <summary>Which tags queue runs: a regular expression, or <c>semver</c> for those that are versions.</summary>
public static partial class TagPattern
{
    public const string Versions = "semver";

    public const string Rule = "The tags are a regular expression such as '^v[0-9]+', without look-around and back-references; or 'semver' for tags that are versions, such as v1.2.3.";

    public static bool IsPattern(string pattern) => pattern == Versions || Parse(pattern) is not null;

    public static bool Matches(string pattern, string tag) => (pattern == Versions ? Version() : Parse(pattern))?.IsMatch(tag) == true;

    // By an engine that never goes back: nobody's pattern takes long.
    private static Regex? Parse(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception broken) when (broken is ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    // https://semver.org, with the 'v' that most repositories put before it.
    [GeneratedRegex(@"\Av?(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Version();
}
