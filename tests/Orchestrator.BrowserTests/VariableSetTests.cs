namespace Orchestrator.BrowserTests;

public sealed class VariableSetTests(Site site)
{
    [Fact]
    public async Task A_set_is_made_given_variables_and_assigned_and_its_workspace_tells_what_it_overrides()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("shared-variables");
        await AddVariableAsync(visitor, $"{address}/variables", "region", "of-the-workspace");

        await CreateSetAsync(visitor, "shared-variables", "accounts");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "accounts" })).ToBeVisibleAsync();
        await AddVariableAsync(visitor, visitor.Page.Url, "region", "of-the-set");
        await AddVariableAsync(visitor, visitor.Page.Url, "zones", "[1, 2]", hcl: true);
        await visitor.Page.GetByLabel("Workspaces, one a line").FillAsync("network");
        await visitor.PressAsync("Save set");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("Saved");
        await Assertions.Expect(visitor.Page.GetByLabel("Workspaces, one a line")).ToHaveValueAsync("network");
        var set = visitor.Page.Url;

        await visitor.Page.GotoAsync($"{address}/variables");
        var effective = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "What the next run uses" });
        var region = effective.GetByRole(AriaRole.Row, new() { Name = "region" });
        await Assertions.Expect(region).ToContainTextAsync("of-the-workspace");
        await Assertions.Expect(region.Locator("del")).ToHaveTextAsync("of-the-set");
        await Assertions.Expect(effective.GetByRole(AriaRole.Row, new() { Name = "zones" }).GetByRole(AriaRole.Link, new() { Name = "accounts" })).ToBeVisibleAsync();

        await visitor.Page.GotoAsync(set);
        await visitor.Page.GetByLabel("Priority").CheckAsync();
        await visitor.PressAsync("Save set");
        await visitor.Page.GotoAsync($"{address}/variables");
        await Assertions.Expect(region.Locator("del")).ToHaveTextAsync("of-the-workspace");
        await Assertions.Expect(region).ToContainTextAsync("for the workspace, with priority");

        await visitor.Page.GotoAsync(set);
        await visitor.PressAsync("Delete zones");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The variable was deleted.");
        await visitor.Page.GetByText("Delete this set and its variables").ClickAsync();
        await visitor.PressAsync("Delete accounts");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("accounts was deleted.");
        await Assertions.Expect(visitor.Page.GetByText("None yet.")).ToBeVisibleAsync();
        visitor.SeeNoComplaints();
    }

    [Fact]
    public async Task What_a_set_cannot_be_is_refused_where_it_was_typed()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("refused-sets");
        await CreateSetAsync(visitor, "refused-sets", "twice");
        await CreateSetAsync(visitor, "refused-sets", "twice");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("already been taken");
        await Assertions.Expect(visitor.Page.GetByLabel("Name")).ToHaveValueAsync("twice");

        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "twice" }).ClickAsync();
        await visitor.Page.GetByLabel("Workspaces, one a line").FillAsync("no-such-workspace");
        await visitor.PressAsync("Save set");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("The organization has no workspace 'no-such-workspace'.");
        await Assertions.Expect(visitor.Page.GetByLabel("Workspaces, one a line")).ToHaveValueAsync("no-such-workspace");
        await visitor.Page.GetByLabel("Workspaces, one a line").FillAsync("network");
        await visitor.Page.GetByLabel("Global").CheckAsync();
        await visitor.PressAsync("Save set");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The set is global");

        await visitor.Page.GetByLabel("Key").FillAsync("9 lives");
        await visitor.PressAsync("Add variable");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("A key starts with a letter");
        await Assertions.Expect(visitor.Page.GetByLabel("Key")).ToHaveValueAsync("9 lives");
    }

    [Fact]
    public async Task A_sensitive_value_of_a_set_is_nowhere_in_a_page()
    {
        const string Secret = "never-shown-4c1e9a";
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("secret-sets");
        await CreateSetAsync(visitor, "secret-sets", "secrets");
        await AddVariableAsync(visitor, visitor.Page.Url, "password", Secret, sensitive: true);
        await visitor.Page.GetByLabel("Global").CheckAsync();
        await visitor.PressAsync("Save set");
        Assert.DoesNotContain(Secret, await visitor.Page.ContentAsync(), StringComparison.Ordinal);
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Change password" }).ClickAsync();
        Assert.DoesNotContain(Secret, await visitor.Page.ContentAsync(), StringComparison.Ordinal);
        await visitor.Page.GotoAsync($"{address}/variables");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Row, new() { Name = "password" })).ToContainTextAsync("sensitive");
        Assert.DoesNotContain(Secret, await visitor.Page.ContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_set_of_another_organization_has_no_page_here()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("sets-here");
        await visitor.ArriveAsync("sets-elsewhere");
        await CreateSetAsync(visitor, "sets-elsewhere", "theirs");
        var response = await visitor.Page.GotoAsync(visitor.Page.Url.Replace("sets-elsewhere", "sets-here", StringComparison.Ordinal));
        Assert.Equal(404, response!.Status);
    }

    private static async Task CreateSetAsync(Visitor visitor, string organization, string name)
    {
        await visitor.Page.GotoAsync($"/app/{organization}/settings/variable-sets");
        await visitor.Page.GetByLabel("Name").FillAsync(name);
        await visitor.PressAsync("Create set");
    }

    private static async Task AddVariableAsync(Visitor visitor, string page, string key, string value, bool hcl = false, bool sensitive = false)
    {
        await visitor.Page.GotoAsync(page);
        await visitor.Page.GetByLabel("Key").FillAsync(key);
        await visitor.Page.GetByLabel("Value", new() { Exact = true }).FillAsync(value);
        await visitor.Page.GetByLabel("HCL").SetCheckedAsync(hcl);
        await visitor.Page.GetByLabel("Sensitive").SetCheckedAsync(sensitive);
        await visitor.PressAsync("Add variable");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync($"{key} is saved");
    }
}
