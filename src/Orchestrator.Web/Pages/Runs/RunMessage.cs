namespace Orchestrator.Web.Pages.Runs;

/// <summary>A run's message is often a commit's: one line that says what it is, and more below.</summary>
internal static class RunMessage
{
    public static string TitleOf(string? message) => string.IsNullOrWhiteSpace(message) ? "Run without a message" : Split(message).Title;

    public static string? BodyOf(string? message) => string.IsNullOrWhiteSpace(message) || Split(message).Body is not { Length: > 0 } body ? null : body;

    private static (string Title, string Body) Split(string message)
    {
        var text = message.Trim().ReplaceLineEndings("\n");
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? (text, "") : (text[..end], text[(end + 1)..].Trim());
    }
}
