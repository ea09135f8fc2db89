namespace Orchestrator.BrowserTests;

public sealed class WorkspaceTests(Site site)
{
    [Fact]
    public async Task A_sensitive_value_is_nowhere_in_a_page()
    {
        const string Secret = "never-shown-8f2c1d";
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("secrets");
        await visitor.Page.GotoAsync($"{address}/variables");
        await visitor.Page.GetByLabel("Key").FillAsync("password");
        await visitor.Page.GetByLabel("Value", new() { Exact = true }).FillAsync(Secret);
        await visitor.Page.GetByLabel("Sensitive").CheckAsync();
        await visitor.PressAsync("Add variable");
        await Assertions.Expect(OwnVariables(visitor).GetByRole(AriaRole.Rowheader, new() { Name = "password" })).ToBeVisibleAsync();
        Assert.DoesNotContain(Secret, await visitor.Page.ContentAsync(), StringComparison.Ordinal);

        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Change password" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "Change password" })).ToBeVisibleAsync();
        Assert.DoesNotContain(Secret, await visitor.Page.ContentAsync(), StringComparison.Ordinal);
        await visitor.Page.GetByLabel("Description").FillAsync("still secret");
        await visitor.PressAsync("Save variable");
        await Assertions.Expect(OwnVariables(visitor).GetByRole(AriaRole.Rowheader, new() { Name = "password" })).ToContainTextAsync("still secret");
        Assert.DoesNotContain(Secret, await visitor.Page.ContentAsync(), StringComparison.Ordinal);

        await visitor.Page.GotoAsync(address);
        await visitor.UploadAsync(Archives.Of("""
            variable "password" {
              type      = string
              sensitive = true
            }
            resource "terraform_data" "login" { input = { name = "root", password = var.password } }
            """), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await visitor.Page.Locator(".change summary").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator(".attribute", new() { HasTextString = "input" })).ToContainTextAsync("password = (sensitive)");
        Assert.DoesNotContain(Secret, await visitor.Page.ContentAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_variable_is_changed_and_deleted()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("variables");
        await visitor.Page.GotoAsync($"{address}/variables");
        await visitor.Page.GetByLabel("Key").FillAsync("zones");
        await visitor.Page.GetByLabel("Value", new() { Exact = true }).FillAsync("[1, 2]");
        await visitor.Page.GetByLabel("HCL").CheckAsync();
        await visitor.PressAsync("Add variable");
        await visitor.Page.GetByRole(AriaRole.Link, new() { Name = "Change zones" }).ClickAsync();
        await visitor.Page.GetByLabel("Value", new() { Exact = true }).FillAsync("[1, 2, 3]");
        await visitor.PressAsync("Save variable");
        var row = OwnVariables(visitor).GetByRole(AriaRole.Row, new() { Name = "zones" });
        await Assertions.Expect(row).ToContainTextAsync("[1, 2, 3]");
        await Assertions.Expect(row).ToContainTextAsync("HCL");

        await visitor.PressAsync("Delete zones");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("The variable was deleted.");
        await Assertions.Expect(row).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_refused_variable_keeps_what_was_typed_and_says_why()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("refused-variables");
        await visitor.Page.GotoAsync($"{address}/variables");
        await visitor.Page.GetByLabel("Key").FillAsync("9 lives");
        await visitor.Page.GetByLabel("Value", new() { Exact = true }).FillAsync("cat");
        await visitor.PressAsync("Add variable");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("A key starts with a letter");
        await Assertions.Expect(visitor.Page.GetByLabel("Key")).ToHaveValueAsync("9 lives");
        await Assertions.Expect(visitor.Page.GetByLabel("Value", new() { Exact = true })).ToHaveValueAsync("cat");
    }

    [Fact]
    public async Task A_refused_archive_says_why()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("refused-archives");
        await visitor.UploadAsync("no archive at all"u8.ToArray());
        await Assertions.Expect(visitor.Page.Locator("#configuration").GetByRole(AriaRole.Alert))
            .ToContainTextAsync("not a gzip-compressed tar archive");

        await visitor.UploadAsync(Archives.Of("just words", "readme.txt"), start: true);
        await Assertions.Expect(visitor.Page.Locator("#configuration").GetByRole(AriaRole.Alert)).ToContainTextAsync("holds no .tf or .tf.json file");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Start run" })).ToBeDisabledAsync();
    }

    [Fact]
    public async Task A_lock_tells_who_holds_it_and_why()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("locks");
        await visitor.Page.GetByLabel("Reason (optional)").FillAsync("moving the state by hand");
        await visitor.PressAsync("Lock the workspace");
        var card = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Lock" });
        await Assertions.Expect(card).ToContainTextAsync("admin");
        await Assertions.Expect(card).ToContainTextAsync("moving the state by hand");
        await visitor.PressAsync("Unlock");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Lock the workspace" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Names_that_can_not_be_are_refused_where_they_were_typed()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("names");
        await visitor.Page.GotoAsync("/workspaces/new?organization=names");
        await visitor.Page.GetByLabel("Name").FillAsync("two words");
        await visitor.PressAsync("Create workspace");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("letters, digits");
        await visitor.Page.GetByLabel("Name").FillAsync("network");
        await visitor.PressAsync("Create workspace");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("already been taken");
    }

    [Fact]
    public async Task The_forms_work_without_javascript()
    {
        using var gate = new Gate();
        await using var visitor = await site.VisitAsync(options: new BrowserNewContextOptions { JavaScriptEnabled = false });
        var address = await visitor.CreateWorkspaceAsync("without-script", "network");
        await visitor.Page.GotoAsync($"{address}/settings");
        await visitor.Page.GetByLabel("Working directory").FillAsync("../elsewhere");
        await visitor.PressAsync("Save settings");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("a relative path inside the configuration");
        await visitor.Page.GetByLabel("Working directory").FillAsync("");
        await visitor.Page.GetByLabel("Description").FillAsync("made without script");
        await visitor.PressAsync("Save settings");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("Saved");

        await visitor.Page.GotoAsync(address);
        await visitor.UploadAsync(Archives.Waiting(gate.File), start: true);
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Upload of configuration.tar.gz");
        // Without script the page does not change by itself: another viewer sees when it is time to reload.
        await using var watcher = await site.VisitAsync();
        await watcher.Page.GotoAsync(visitor.Page.Url);
        await watcher.SeeStatusAsync("Needs confirmation");
        await visitor.Page.ReloadAsync();
        await visitor.PressAsync("Discard");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("Discarded: nothing was changed.");
    }

    [Fact]
    public async Task An_address_that_leads_nowhere_says_so()
    {
        await using var visitor = await site.VisitAsync();
        foreach (var address in new[] { "/nowhere", "/app/no-organization/no-workspace", "/app/no-organization/no-workspace/runs/run-AAAAAAAAAAAAAAAA" })
        {
            var response = await visitor.Page.GotoAsync(address);
            Assert.Equal(404, response!.Status);
            await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Name = "There is nothing here" })).ToBeVisibleAsync();
        }
    }

    /// <summary>Beside the table of what the next run uses, which names them again.</summary>
    private static ILocator OwnVariables(Visitor visitor) => visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Variables", Exact = true });
}
