namespace Orchestrator.BrowserTests;

public sealed class SignInTests(Site site)
{
    [Fact]
    public async Task The_admin_token_opens_the_page_that_was_asked_for()
    {
        await using var visitor = await site.VisitAsync(signedIn: false);
        await visitor.Page.GotoAsync("/organizations/new");
        await visitor.Page.GetByLabel("Admin token").FillAsync(Site.AdminToken);
        await visitor.PressAsync("Sign in with the token");

        await Assertions.Expect(visitor.Page).ToHaveURLAsync($"{site.Address}/organizations/new");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "New organization" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_wrong_token_is_refused_with_advice_and_the_next_one_still_leads_where_one_wanted_to_go()
    {
        await using var visitor = await site.VisitAsync(signedIn: false);
        await visitor.Page.GotoAsync("/workspaces/new");
        await visitor.Page.GetByLabel("Admin token").FillAsync("not the token");
        await visitor.PressAsync("Sign in with the token");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("That is not the admin token");

        await visitor.Page.GetByLabel("Admin token").FillAsync(Site.AdminToken);
        await visitor.PressAsync("Sign in with the token");
        await Assertions.Expect(visitor.Page).ToHaveURLAsync($"{site.Address}/workspaces/new");
    }

    [Fact]
    public async Task A_link_from_the_terminal_signs_in_once()
    {
        var link = await site.MakeSignInLinkAsync();
        await using var first = await site.VisitAsync(signedIn: false);
        await first.Page.GotoAsync(link);
        await Assertions.Expect(first.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();

        await using var second = await site.VisitAsync(signedIn: false);
        await second.Page.GotoAsync(link);
        await Assertions.Expect(second.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("was used already");
    }

    [Fact]
    public async Task Signing_out_closes_every_page()
    {
        // A session of its own: signing out ends it on the server, too.
        await using var visitor = await site.VisitAsync(signedIn: false);
        await visitor.SignInAsync();
        await visitor.PressAsync("Sign out");
        await visitor.Page.GotoAsync("/");
        await Assertions.Expect(visitor.Page.GetByLabel("Admin token")).ToBeVisibleAsync();
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    public async Task Signing_in_leads_to_no_other_site(string target)
    {
        await using var visitor = await site.VisitAsync(signedIn: false);
        await visitor.Page.GotoAsync($"/sign-in?return={Uri.EscapeDataString(target)}");
        await visitor.Page.GetByLabel("Admin token").FillAsync(Site.AdminToken);
        await visitor.PressAsync("Sign in with the token");
        await Assertions.Expect(visitor.Page).ToHaveURLAsync($"{site.Address}/");
    }
}
