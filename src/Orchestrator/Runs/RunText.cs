namespace Orchestrator.Runs;

/// <summary>Makes text of unknown origin fit its column: PostgreSQL refuses what is too long or contains NUL, and the end of a
/// run must not be lost over its description.</summary>
internal static class RunText
{
    public static string? Fit(string? text, int maxLength)
    {
        if (text is null || (text.Length <= maxLength && !text.Contains('\0', StringComparison.Ordinal)))
        {
            return text;
        }
        var clean = text.Replace("\0", "", StringComparison.Ordinal);
        if (clean.Length <= maxLength)
        {
            return clean;
        }
        // Not in the middle of a surrogate pair.
        var end = char.IsHighSurrogate(clean[maxLength - 2]) ? maxLength - 2 : maxLength - 1;
        return clean[..end] + "…";
    }
}
