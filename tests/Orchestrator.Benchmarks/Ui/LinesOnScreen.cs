using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Orchestrator.Benchmarks.Harness;

namespace Orchestrator.Benchmarks.Ui;

/// <summary>How long a line takes from the command that prints it to the screen: through terraform, its log, the server and the browser.</summary>
/// <remarks>The baseline is the same lines through terraform alone, read from its output.</remarks>
internal static class LinesOnScreen
{
    private const string Chromium = "/usr/bin/chromium";

    /// <summary>Each line tells when it was printed, in nanoseconds.</summary>
    private const string Watch = """
        () => {
          window.seen = {};
          const note = root => {
            for (const [, printed] of (root.textContent ?? "").matchAll(/printed (\d{19})/g)) window.seen[printed] ??= Date.now();
          };
          // What has changed is on the screen with the next frame.
          new MutationObserver(records => requestAnimationFrame(() => records.forEach(record => record.addedNodes.forEach(note))))
            .observe(document, { childList: true, subtree: true });
        }
        """;

    public static async Task<(Series OnScreen, Series Raw)> MeasureAsync(string address, Func<string, Task<string>> startAsync, WorkArea area, int lines)
    {
        var raw = await PrintedLines.RawAsync(lines, area);
        Environment.SetEnvironmentVariable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { BaseURL = address });
        await page.GotoAsync("/sign-in");
        await page.GetByLabel("Admin token").FillAsync(ServerProcess.AdminToken);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with the token", Exact = true }).ClickAsync();
        await page.GotoAsync(await startAsync(PrintedLines.Configuration(lines)));
        await page.EvaluateAsync(Watch);
        await page.Locator(".title-row .chip", new() { HasTextString = "Applied" }).WaitForAsync(new() { Timeout = 120_000 });
        // As text: its numbers are too large for what Playwright makes of them.
        using var seen = JsonDocument.Parse(await page.EvaluateAsync<string>("JSON.stringify(window.seen)"));
        var onScreen = seen.RootElement.EnumerateObject().Select(line => line.Value.GetDouble() - PrintedLines.PrintedAt(line.Name)).ToArray();
        // What was printed before the page was there is no measure of it, and a log shows what fits.
        return onScreen.Length >= lines / 2
            ? (Series.Of(onScreen), raw)
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"Of {lines} lines the page has shown {onScreen.Length}."));
    }
}
