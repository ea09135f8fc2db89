using System.Collections.Concurrent;

namespace Orchestrator.BrowserTests.Support;

/// <summary>One browser window, and what a person does in it. What the browser complains about is remembered.</summary>
public sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    // Errors in the browser's console: broken scripts, refused styles, missing files.
    private readonly ConcurrentQueue<string> _complaints = new();

    private Visitor(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
    }

    public IPage Page { get; }

    public static async Task<Visitor> OpenAsync(IBrowserContext context)
    {
        context.SetDefaultTimeout(20_000);
        var page = await context.NewPageAsync();
        var visitor = new Visitor(context, page);
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                visitor._complaints.Enqueue($"{message.Text} ({message.Location})");
            }
        };
        page.PageError += (_, error) => visitor._complaints.Enqueue(error);
        return visitor;
    }

    public void SeeNoComplaints() => Assert.Empty(string.Join('\n', _complaints));

    public async Task SignInAsync(string token = Site.AdminToken)
    {
        await Page.GotoAsync("/sign-in");
        await Page.GetByLabel("Admin token").FillAsync(token);
        await PressAsync("Sign in with the token");
    }

    /// <summary>For other visits: so that not every one has to go through the form.</summary>
    public Task<string> RememberAsync() => _context.StorageStateAsync();

    /// <summary>Makes both quickly, and goes there.</summary>
    public async Task<string> ArriveAsync(string organization, string workspace = "network")
    {
        await PostAsync("organizations", "organizations", organization);
        await PostAsync($"organizations/{organization}/workspaces", "workspaces", workspace);
        await Page.GotoAsync($"/app/{organization}/{workspace}");
        return $"/app/{organization}/{workspace}";
    }

    public Task AddWorkspaceAsync(string organization, string workspace) => PostAsync($"organizations/{organization}/workspaces", "workspaces", workspace);

    /// <summary>Through the forms, as a person makes them.</summary>
    public async Task<string> CreateWorkspaceAsync(string organization, string workspace)
    {
        await Page.GotoAsync("/organizations/new");
        await Page.GetByLabel("Name").FillAsync(organization);
        await PressAsync("Create organization");
        await Page.GotoAsync($"/workspaces/new?organization={organization}");
        await Page.GetByLabel("Name").FillAsync(workspace);
        await PressAsync("Create workspace");
        await Assertions.Expect(Page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = workspace })).ToBeVisibleAsync();
        return $"/app/{organization}/{workspace}";
    }

    public async Task UploadAsync(byte[] archive, bool start = false)
    {
        await Page.GetByLabel("Archive (.tar.gz)").SetInputFilesAsync(
            new FilePayload { Name = "configuration.tar.gz", MimeType = "application/gzip", Buffer = archive });
        await Page.GetByLabel("Start a run with it").SetCheckedAsync(start);
        await PressAsync("Upload");
    }

    public Task PressAsync(string button) => Page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    public ILocator Console(string phase) => Page.Locator($"[data-phase={phase}]");

    public Task SeeStatusAsync(string status) =>
        Assertions.Expect(Page.Locator(".title-row .chip")).ToHaveTextAsync(status, new() { Timeout = 30_000 });

    /// <summary>Sets an environment variable quickly.</summary>
    /// <param name="workspace">Its organization, a slash, and its name.</param>
    public async Task SetAsync(string workspace, string key, string value)
    {
        var found = await _context.APIRequest.GetAsync(
            $"/api/v2/organizations/{workspace.Replace("/", "/workspaces/", StringComparison.Ordinal)}", new APIRequestContextOptions { Headers = AsAdmin });
        var id = (await found.JsonAsync())!.Value.GetProperty("data").GetProperty("id").GetString();
        await PostAsync($"workspaces/{id}/vars", "vars", new { key, value, category = "env" });
    }

    private static IEnumerable<KeyValuePair<string, string>> AsAdmin => [KeyValuePair.Create("Authorization", $"Bearer {Site.AdminToken}")];

    private Task PostAsync(string path, string type, string name) => PostAsync(path, type, new { name });

    private async Task PostAsync(string path, string type, object attributes)
    {
        var answer = await _context.APIRequest.PostAsync($"/api/v2/{path}", new APIRequestContextOptions
        {
            Headers = AsAdmin,
            DataObject = new { data = new { type, attributes } },
        });
        Assert.True(answer.Ok, await answer.TextAsync());
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
