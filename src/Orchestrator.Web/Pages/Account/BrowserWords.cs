namespace Orchestrator.Web.Pages.Account;

/// <summary>What a browser calls itself, in the words of whoever uses it.</summary>
internal static class BrowserWords
{
    // Each calls itself by the names of older ones, too, so the first that fits is right.
    private static readonly (string Mark, string Name)[] Browsers =
        [("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")];

    private static readonly (string Mark, string Name)[] Systems =
        [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux")];

    public static string Of(string? agent) => (Find(Browsers, agent), Find(Systems, agent)) switch
    {
        (null, null) => "Unknown browser",
        ({ } browser, null) => browser,
        (null, { } system) => $"A browser on {system}",
        var (browser, system) => $"{browser} on {system}",
    };

    private static string? Find((string Mark, string Name)[] known, string? agent) =>
        known.FirstOrDefault(pair => agent?.Contains(pair.Mark, StringComparison.Ordinal) == true).Name;
}
