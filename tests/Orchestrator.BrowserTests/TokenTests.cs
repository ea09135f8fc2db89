using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.BrowserTests;

public sealed class TokenTests(Site site)
{
    [Fact]
    public async Task A_token_is_shown_once_works_and_ends_when_it_is_revoked()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.Page.GotoAsync("/");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Account" }).ClickAsync();
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Tokens" }).ClickAsync();
        await visitor.Page.GetByLabel("Description").FillAsync("a <pipeline>");
        await visitor.Page.GetByLabel("Expires").SelectOptionAsync("in a year");
        var before = InAYear();
        await visitor.PressAsync("Create token");

        var token = await visitor.Page.GetByLabel("the token", new() { Exact = true }).InnerTextAsync();
        Assert.Matches(@"\A[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9]{67}\z", token);
        Assert.Equal(200, await PingAsync(visitor, token));

        await visitor.Page.GotoAsync("/app/settings/tokens");
        Assert.DoesNotContain(".atlasv1.", await visitor.Page.ContentAsync(), StringComparison.Ordinal);
        var row = visitor.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "a <pipeline>" });
        await Assertions.Expect(row.Locator("[data-label=Expires]")).ToHaveTextAsync(new Regex($"^({before}|{InAYear()})$"));
        await Assertions.Expect(row.Locator("[data-label='Last used']")).ToHaveTextAsync("just now");
        await visitor.PressAsync("Revoke a <pipeline>");

        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("Revoked");
        await Assertions.Expect(row).ToHaveCountAsync(0);
        Assert.Equal(401, await PingAsync(visitor, token));
        visitor.SeeNoComplaints();
    }

    [Fact]
    public async Task Whoever_comes_from_terraform_learns_what_to_do_here()
    {
        await using var visitor = await site.VisitAsync();

        await visitor.Page.GotoAsync("/app/settings/tokens?source=terraform-login");

        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("paste it into the terminal");
        await Assertions.Expect(visitor.Page.GetByLabel("Description")).ToHaveValueAsync("terraform login");
    }

    private static string InAYear() => DateTime.UtcNow.AddDays(365).ToString("d MMM yyyy", CultureInfo.InvariantCulture);

    private static async Task<int> PingAsync(Visitor visitor, string token) =>
        (await visitor.Page.APIRequest.GetAsync("/api/v2/organizations", new() { Headers = [KeyValuePair.Create("Authorization", $"Bearer {token}")] })).Status;
}
