using System.Globalization;
using System.Net;

namespace Orchestrator.AwsPolicies;

/// <summary>Compares one value of a policy with one value of the request.</summary>
internal delegate bool ValueTest(ValuePattern expected, string actual);

/// <summary>The comparisons behind the condition operators. A value of the wrong type matches nothing.</summary>
internal static class ValueTests
{
    public static bool SameText(ValuePattern expected, string actual) =>
        string.Equals(expected.Text, actual, StringComparison.Ordinal);

    public static bool SameTextIgnoringCase(ValuePattern expected, string actual) =>
        string.Equals(expected.Text, actual, StringComparison.OrdinalIgnoreCase);

    public static bool LikeText(ValuePattern expected, string actual) => expected.Matches(actual);

    /// <summary>The six parts of an ARN are compared one by one, so a wildcard does not cross a colon before the last.</summary>
    public static bool LikeArn(ValuePattern expected, string actual)
    {
        var parts = actual.Split(':', 6);
        var patterns = expected.SplitArn();
        return parts.Length == 6
            && parts[0] == "arn"
            && patterns.Count == 6
            && patterns.Zip(parts).All(pair => pair.First.Matches(pair.Second));
    }

    public static bool InNetwork(ValuePattern expected, string actual)
    {
        if (!IPAddress.TryParse(actual, out var address))
        {
            return false;
        }

        return IPNetwork.TryParse(expected.Text, out var network)
            ? network.Contains(address)
            : IPAddress.TryParse(expected.Text, out var single) && single.Equals(address);
    }

    public static ValueTest Number(Func<int, bool> holds) => (expected, actual) =>
        ParseNumber(expected.Text) is { } wanted && ParseNumber(actual) is { } given && holds(given.CompareTo(wanted));

    public static ValueTest Date(Func<int, bool> holds) => (expected, actual) =>
        ParseDate(expected.Text) is { } wanted && ParseDate(actual) is { } given && holds(given.CompareTo(wanted));

    private static decimal? ParseNumber(string text) =>
        decimal.TryParse(text, NumberStyles.Number & ~NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    /// <summary>ISO 8601, or seconds since 1970.</summary>
    private static DateTimeOffset? ParseDate(string text)
    {
        const long LastSecond = 253402300799;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 9999)
        {
            return seconds <= LastSecond ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        }

        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date)
            ? date
            : null;
    }
}
