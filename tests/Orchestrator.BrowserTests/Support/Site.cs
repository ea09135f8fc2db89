using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Access;
using Orchestrator.Web.Access;
using Orchestrator.Web.Hosting;

[assembly: AssemblyFixture(typeof(Site))]

namespace Orchestrator.BrowserTests.Support;

/// <summary>The real server in this process, on a data directory of its own, and a real browser. All tests share them; each works in
/// an organisation of its own.</summary>
public sealed class Site : IAsyncLifetime
{
    public const string AdminToken = "browser-tests-0123456789abcdef";

    private const string Chromium = "/usr/bin/chromium";

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("orchestrator-browser-");
    private WebApplication? _server;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _signedIn;

    public string Address { get; private set; } = "";

    /// <summary>The same server over HTTPS, under the name that its certificate has.</summary>
    public string SecureAddress { get; private set; } = "";

    /// <summary>What a client of <see cref="SecureAddress"/> has to trust.</summary>
    public string AuthorityFile => Path.Combine(_data.FullName, "tls", "ca.pem");

    public IServiceProvider Services => _server!.Services;

    public async Task<string> MakeSignInLinkAsync() =>
        Address + await Services.GetRequiredService<SignInLinks>().MakeAsync(User.AdminId, CancellationToken.None);

    public async ValueTask InitializeAsync()
    {
        Environment.SetEnvironmentVariable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        _server = await WebServer.BuildAsync(["--urls", "http://127.0.0.1:0;https://127.0.0.1:0"], Configure);
        await _server.StartAsync();
        Address = _server.Urls.First(url => url.StartsWith("http:", StringComparison.Ordinal));
        SecureAddress = $"https://localhost:{new Uri(_server.Urls.First(url => url.StartsWith("https:", StringComparison.Ordinal))).Port}";
        _playwright = await Playwright.CreateAsync();
        _browser = await StartBrowserAsync(_playwright);
        await using var first = await VisitAsync(signedIn: false);
        await first.SignInAsync();
        _signedIn = await first.RememberAsync();
    }

    /// <summary>A browser without any memory, seen as a visitor sees it.</summary>
    public async Task<Visitor> VisitAsync(bool signedIn = true, BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.BaseURL ??= Address;
        options.ViewportSize ??= new ViewportSize { Width = 1280, Height = 900 };
        options.StorageState = signedIn ? _signedIn : null;
        return await Visitor.OpenAsync(await _browser!.NewContextAsync(options));
    }

    public async ValueTask DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? ValueTask.CompletedTask);
        _playwright?.Dispose();
        if (_server is not null)
        {
            await _server.StopAsync();
            await _server.DisposeAsync();
        }
        _data.Delete(recursive: true);
    }

    private void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Orchestrator:DataDirectory"] = _data.FullName,
            ["Orchestrator:AdminToken"] = AdminToken,
            ["Orchestrator:Api:RateLimit"] = "0",
            ["Orchestrator:AwsSimulator:Enabled"] = "false",
            // The configurations of these tests wait for a file outside.
            ["Orchestrator:Sandbox"] = "off",
            ["Orchestrator:Runs:ForceCancelAfter"] = "00:00:01",
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
    }

    private static async Task<IBrowser> StartBrowserAsync(IPlaywright playwright)
    {
        if (!File.Exists(Chromium))
        {
            throw new InvalidOperationException($"These tests need a browser at {Chromium}. Install it with 'apt-get install chromium'.");
        }
        try
        {
            return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Chromium,
                Args =
                [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync",
                    // Its own menus would be made ready for each window, which nobody opens. Chromium takes the last of these lists: the others
                    // are Playwright's that matter to pages.
                    "--disable-features=PreloadTopChromeWebUI,PreloadTopChromeWebUILessNavigations,WebUIToolbar,HttpsUpgrades,PaintHolding,Translate,ThirdPartyStoragePartitioning,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,MediaRouter,OptimizationHints",
                ],
            });
        }
        catch (PlaywrightException broken)
        {
            throw new InvalidOperationException($"Chromium at {Chromium} did not start. Install it anew with 'apt-get install chromium'.", broken);
        }
    }
}
