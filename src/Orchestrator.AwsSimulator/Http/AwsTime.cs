using System.Globalization;

namespace Orchestrator.AwsSimulator.Http;

/// <summary>Instants as AWS writes them.</summary>
internal static class AwsTime
{
    private const string CompactFormat = "yyyyMMdd'T'HHmmss'Z'";

    /// <summary>E.g. <c>2026-01-01T00:00:00Z</c>.</summary>
    public static string Seconds(DateTimeOffset at) => Format(at, "yyyy-MM-dd'T'HH:mm:ss'Z'");

    /// <summary>E.g. <c>2026-01-01T00:00:00.000Z</c>.</summary>
    public static string Milliseconds(DateTimeOffset at) => Format(at, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'");

    /// <summary>E.g. <c>20260101T000000Z</c>, as in <c>x-amz-date</c>.</summary>
    public static string Compact(DateTimeOffset at) => Format(at, CompactFormat);

    public static bool TryParseCompact(string text, out DateTimeOffset at) => DateTimeOffset.TryParseExact(
        text, CompactFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at);

    private static string Format(DateTimeOffset at, string format) =>
        at.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
}
