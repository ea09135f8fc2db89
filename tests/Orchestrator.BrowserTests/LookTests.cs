using Orchestrator.Access;

namespace Orchestrator.BrowserTests;

public sealed class LookTests(Site site)
{
    [Fact]
    public async Task Every_page_fits_every_width_in_light_and_dark_and_the_browser_has_nothing_to_complain_about()
    {
        using var gate = new Gate();
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("an-organization-with-a-rather-long-name", "a-workspace-whose-name-is-as-long-as-names-can-reasonably-be-in-the-field");
        await visitor.UploadAsync(Archives.Waiting(gate.File), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        var run = new Uri(visitor.Page.Url).AbsolutePath;

        await visitor.Page.GotoAsync("/app/an-organization-with-a-rather-long-name/settings/variable-sets");
        await visitor.Page.GetByLabel("Name").FillAsync("A set whose name says in many words what its variables are there for, and for whom they are");
        await visitor.PressAsync("Create set");
        await visitor.Page.GetByLabel("Key").FillAsync("a_variable_whose_key_is_as_long_as_keys_can_reasonably_be_in_the_field");
        await visitor.Page.GetByLabel("Value", new() { Exact = true }).FillAsync(new string('x', 400));
        await visitor.PressAsync("Add variable");
        await visitor.Page.GetByLabel("Global").CheckAsync();
        await visitor.PressAsync("Save set");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("Saved");
        var set = new Uri(visitor.Page.Url).AbsolutePath;
        await visitor.Page.GotoAsync("/app/an-organization-with-a-rather-long-name/settings/teams");
        await visitor.Page.GetByLabel("Name").FillAsync("A team whose name says in many words who its members are and what they do all day");
        await visitor.PressAsync("Create team");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("was made");
        var team = new Uri(visitor.Page.Url).AbsolutePath;

        await visitor.AddWorkspaceAsync("an-organization-with-a-rather-long-name", "empty");

        foreach (var page in new[] { "/", "/app/an-organization-with-a-rather-long-name/empty", "/workspaces", "/search?q=a", "/app/admin", "/app/admin/users", $"/app/admin/users/{User.AdminId}", "/app/admin/organizations", "/app/admin/keys", "/app/an-organization-with-a-rather-long-name", "/app/an-organization-with-a-rather-long-name/settings/queue", "/app/an-organization-with-a-rather-long-name/settings/usage", "/organizations/new", "/workspaces/new", address, $"{address}/variables", $"{address}/states", $"{address}/settings", run, "/sign-in",
            "/app/settings/tokens", "/app/settings/tokens?source=terraform-login", "/app/settings/profile", "/app/settings/security?first=true", "/app/settings/sessions", LoginTests.Request(),
            $"{address}/trust", $"{address}/triggers", $"{address}/notifications", $"{address}/access?member=admin", $"{address}/credentials", $"{address}/credentials/setup", $"{address}/credentials/ledger", "/app/an-organization-with-a-rather-long-name/settings/credentials", "/app/an-organization-with-a-rather-long-name/settings/members",
            $"/app/an-organization-with-a-rather-long-name/settings/members/{User.AdminId}", "/app/an-organization-with-a-rather-long-name/settings/projects",
            "/app/an-organization-with-a-rather-long-name/settings/agents", "/app/an-organization-with-a-rather-long-name/settings/general", "/app/an-organization-with-a-rather-long-name/settings/teams", "/app/an-organization-with-a-rather-long-name/settings/permissions", team,
            "/app/an-organization-with-a-rather-long-name/settings/credentials/ledger", "/app/an-organization-with-a-rather-long-name/settings/variable-sets", set })
        {
            await visitor.Page.GotoAsync(page);
            foreach (var (width, scheme) in new[] { (360, ColorScheme.Light), (768, ColorScheme.Dark), (1440, ColorScheme.Light) })
            {
                await visitor.Page.SetViewportSizeAsync(width, 800);
                await visitor.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                var wide = await visitor.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
                Assert.True(wide <= width, $"{page} is {wide} wide in a window of {width}.");
                await SeeThemeAsync(visitor, scheme == ColorScheme.Dark ? "dark" : "light");
                Assert.Equal(1, await visitor.Page.Locator("main").CountAsync());
                Assert.Equal(1, await visitor.Page.Locator("h1").CountAsync());
            }
        }
        visitor.SeeNoComplaints();
    }

    /// <summary>Hangfire's own pages bring their own scripts and styles. The rules for ours hold for them, too.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("/servers")]
    [InlineData("/recurring")]
    [InlineData("/jobs/enqueued")]
    [InlineData("/jobs/processing")]
    [InlineData("/jobs/succeeded")]
    [InlineData("/jobs/failed")]
    public async Task The_pages_of_the_queue_break_no_rule_of_the_sites(string page)
    {
        await using var visitor = await site.VisitAsync();
        await visitor.Page.GotoAsync($"/app/admin/jobs{page}", new() { WaitUntil = WaitUntilState.NetworkIdle });
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Jobs" }).First).ToBeVisibleAsync();
        visitor.SeeNoComplaints();
    }

    [Fact]
    public async Task The_chosen_theme_outlasts_the_page_and_wins_over_the_systems()
    {
        await using var visitor = await site.VisitAsync(options: new BrowserNewContextOptions { ColorScheme = ColorScheme.Dark });
        await visitor.Page.GotoAsync("/");
        await SeeThemeAsync(visitor, "dark");
        await visitor.PressAsync("Switch between light and dark");
        await SeeThemeAsync(visitor, "light");
        await visitor.Page.ReloadAsync();
        await SeeThemeAsync(visitor, "light");
    }

    private static Task SeeThemeAsync(Visitor visitor, string theme) =>
        Assertions.Expect(visitor.Page.Locator("html")).ToHaveAttributeAsync("data-bs-theme", theme);
}
