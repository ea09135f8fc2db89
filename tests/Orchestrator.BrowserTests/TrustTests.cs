namespace Orchestrator.BrowserTests;

public sealed class TrustTests(Site site)
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_trust_is_made_for_an_account_and_explained_line_by_line(bool script)
    {
        await using var visitor = await site.VisitAsync(options: new BrowserNewContextOptions { JavaScriptEnabled = script });
        var address = await visitor.ArriveAsync($"trust-{(script ? "with" : "without")}-script");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Trust", Exact = true }).ClickAsync();
        await Assertions.Expect(visitor.Page.Locator(".copy-block pre")).ToContainTextAsync("aws_iam_openid_connect_provider");

        await visitor.Page.GetByLabel("Account id").FillAsync("123456789012");
        await visitor.Page.GetByLabel("As", new() { Exact = true }).SelectOptionAsync("json");
        await visitor.PressAsync("Show");
        var policies = visitor.Page.Locator(".copy-block pre");
        await Assertions.Expect(policies).ToHaveCountAsync(2);
        await Assertions.Expect(policies.First).ToContainTextAsync("arn:aws:iam::123456789012:oidc-provider/");
        Assert.EndsWith($"{address}/trust?account=123456789012&format=json", visitor.Page.Url, StringComparison.Ordinal);

        await visitor.Page.GetByRole(AriaRole.Textbox, new() { Name = "Trust policy" }).FillAsync(await policies.First.InnerTextAsync());
        await visitor.Page.GetByLabel("Asked by a run's").SelectOptionAsync("apply");
        await visitor.PressAsync("Check");
        var check = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Check a trust policy" });
        await Assertions.Expect(check.GetByRole(AriaRole.Status)).ToContainTextAsync("refused");
        await Assertions.Expect(check.Locator(".trust-elements li", new() { HasTextString = "The policy expects" }).First).ToContainTextAsync("run_phase:plan");
        await Assertions.Expect(check.GetByRole(AriaRole.Textbox, new() { Name = "Trust policy" })).ToHaveValueAsync(new System.Text.RegularExpressions.Regex("PlanPhase"));

        await visitor.Page.GetByLabel("Asked by a run's").SelectOptionAsync("plan");
        await visitor.PressAsync("Check");
        await Assertions.Expect(check.GetByRole(AriaRole.Status)).ToContainTextAsync("allowed");
    }

    [Fact]
    public async Task Each_configuration_of_a_workspace_can_be_chosen()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("trust-tags");
        await visitor.SetAsync("trust-tags/network", "TFC_AWS_PROVIDER_AUTH", "true");
        await visitor.SetAsync("trust-tags/network", "TFC_AWS_RUN_ROLE_ARN", "arn:aws:iam::123456789012:role/near");
        await visitor.SetAsync("trust-tags/network", "TFC_AWS_PROVIDER_AUTH_FAR", "true");
        await visitor.SetAsync("trust-tags/network", "TFC_AWS_RUN_ROLE_ARN_FAR", "arn:aws:iam::210987654321:role/far");
        await visitor.Page.GotoAsync($"{address}/trust?format=json");
        var text = visitor.Page.Locator(".copy-block pre").First;
        await Assertions.Expect(text).ToContainTextAsync("arn:aws:iam::123456789012:oidc-provider/");

        await visitor.Page.GetByLabel("Configuration").SelectOptionAsync("FAR");
        await visitor.PressAsync("Show");

        await Assertions.Expect(text).ToContainTextAsync("arn:aws:iam::210987654321:oidc-provider/");
        await Assertions.Expect(visitor.Page.Locator(".trust-notes")).ToContainTextAsync("TFC_AWS_PLAN_ROLE_ARN_FAR");
        await Assertions.Expect(visitor.Page.GetByLabel("Configuration")).ToHaveValueAsync("FAR");
        visitor.SeeNoComplaints();
    }

    [Fact]
    public async Task What_cannot_be_read_or_tested_says_so_where_it_was_asked()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("trust-refusals");
        await visitor.Page.GotoAsync($"{address}/trust?account=12");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("'12' is not an account id of twelve digits.");

        await visitor.Page.GotoAsync($"{address}/trust");
        await visitor.Page.GetByRole(AriaRole.Textbox, new() { Name = "Trust policy" }).FillAsync("<b>no policy</b>");
        await visitor.PressAsync("Check");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This is not a JSON document");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Textbox, new() { Name = "Trust policy" })).ToHaveValueAsync("<b>no policy</b>");

        await visitor.PressAsync("Test apply");
        var test = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Test connection" });
        await Assertions.Expect(test.GetByRole(AriaRole.Status)).ToContainTextAsync("workspace:network:run_phase:apply");
        await Assertions.Expect(test.GetByRole(AriaRole.Status)).ToContainTextAsync("This workspace asks for no credentials.");
        visitor.SeeNoComplaints();
    }
}
