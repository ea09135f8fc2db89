namespace Orchestrator.BrowserTests;

/// <summary>The pages that lead to the others, and what of a workspace is not a run.</summary>
public sealed class OverviewTests(Site site)
{
    private const string Configuration = """
        resource "terraform_data" "base" { input = "SIZE" }
        resource "terraform_data" "top" { input = terraform_data.base.id }
        output "size" { value = "SIZE" }
        output "secret" {
          value     = "never-shown-5d1f"
          sensitive = true
        }
        """;

    [Fact]
    public async Task Workspaces_are_filtered_in_the_address_counted_and_sorted_with_script_and_without()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("many-workspaces", "alpha");
        foreach (var name in new[] { "beta", "gamma", "beta-two" })
        {
            await visitor.AddWorkspaceAsync("many-workspaces", name);
        }
        await visitor.Page.GotoAsync("/app/many-workspaces/beta/settings");
        await visitor.Page.GetByLabel("Tags").FillAsync("env=prod");
        await visitor.PressAsync("Save settings");
        await visitor.Page.GotoAsync("/app/many-workspaces/gamma");
        await visitor.UploadAsync(Archives.Of("""resource "terraform_data" "one" { input = "one" }"""), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");

        await visitor.Page.GotoAsync("/app/many-workspaces");
        var rows = visitor.Page.Locator("#workspace-results tbody tr");
        await Assertions.Expect(rows).ToHaveCountAsync(4);
        await visitor.Page.GetByLabel("Name or description").FillAsync("BETA");
        await Assertions.Expect(rows).ToHaveCountAsync(2);
        await visitor.Page.GetByLabel("Tag", new() { Exact = true }).FillAsync("env=prod");
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        Assert.EndsWith("?q=BETA&tag=env%3Dprod", visitor.Page.Url, StringComparison.Ordinal);
        await visitor.Page.ReloadAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(1);

        await using var reader = await site.VisitAsync(options: new BrowserNewContextOptions { JavaScriptEnabled = false });
        await reader.Page.GotoAsync("/app/many-workspaces");
        rows = reader.Page.Locator("#workspace-results tbody tr");
        await reader.Page.GetByRole(AriaRole.Link, new() { Name = "1 need a decision" }).ClickAsync();
        await Assertions.Expect(rows).ToHaveCountAsync(1);
        await Assertions.Expect(rows.First).ToContainTextAsync("gamma");
        await reader.Page.GetByRole(AriaRole.Link, new() { Name = "3 never ran" }).ClickAsync();
        await reader.Page.GetByRole(AriaRole.Link, new() { Name = "Workspace ↑" }).ClickAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("beta-two");
        await reader.Page.GetByLabel("Name or description").FillAsync("nothing-like-it");
        await reader.PressAsync("Show");
        await Assertions.Expect(reader.Page.GetByText("No workspace matches")).ToBeVisibleAsync();

        await reader.Page.GotoAsync("/");
        await Assertions.Expect(reader.Page.GetByRole(AriaRole.Region, new() { Name = "Waits for your decision" }).GetByRole(AriaRole.Link, new() { Name = "many-workspaces / gamma" })).ToBeVisibleAsync();
        visitor.SeeNoComplaints();
        reader.SeeNoComplaints();
    }

    [Fact]
    public async Task Search_is_a_key_away_and_is_walked_through_by_keyboard()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("findable", "a-needle-in-the-haystack");
        await visitor.Page.GotoAsync("/");
        await visitor.Page.Keyboard.PressAsync("Control+k");
        await visitor.Page.Keyboard.TypeAsync("NEEDLE-in");
        await Assertions.Expect(visitor.Page.Locator("[data-search-panel]")).ToContainTextAsync("a-needle-in-the-haystack");
        await visitor.Page.Keyboard.PressAsync("ArrowDown");
        await visitor.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "a-needle-in-the-haystack" })).ToBeVisibleAsync();

        await visitor.Page.GotoAsync("/search?q=%3Cscript%3Ealert(1)%3C/script%3E");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("""Nothing that you may see is called "<script>alert(1)</script>".""");
        visitor.SeeNoComplaints();
    }

    [Fact]
    public async Task A_new_workspace_shows_the_chosen_first_steps_and_is_deleted_by_its_name_alone()
    {
        await using var visitor = await site.VisitAsync();
        await visitor.ArriveAsync("wizard", "first");
        await visitor.Page.GotoAsync("/workspaces/new?organization=wizard");
        await visitor.Page.GetByLabel("Name").FillAsync("second");
        await visitor.Page.GetByLabel("A script, through the API").CheckAsync();
        await visitor.PressAsync("Create workspace");
        await Assertions.Expect(visitor.Page.Locator("#start details[open] pre")).ToContainTextAsync("/configuration-versions");
        await visitor.Page.GetByText("With the terraform CLI").ClickAsync();
        await Assertions.Expect(visitor.Page.Locator("#start")).ToContainTextAsync("""workspaces { name = "second" }""");

        await visitor.Page.GotoAsync("/app/wizard/second/settings");
        await visitor.Page.GetByLabel("Type second to say that you mean it").FillAsync("first");
        await visitor.PressAsync("Delete the workspace");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("That is not its name.");
        await visitor.Page.GetByLabel("Type second to say that you mean it").FillAsync("second");
        await visitor.PressAsync("Delete the workspace");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("second was deleted.");
        Assert.Equal(404, (await visitor.Page.GotoAsync("/app/wizard/second"))!.Status);
    }

    [Fact]
    public async Task A_pasted_file_shows_what_it_changes_before_it_does()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("pasting");
        await visitor.SetAsync("pasting/network", "OLD", "1");
        await visitor.Page.GotoAsync($"{address}/variables");
        var text = visitor.Page.GetByLabel("Text", new() { Exact = true });
        await text.FillAsync("zones = [1,\n");
        await visitor.PressAsync("Show what would change");
        await Assertions.Expect(visitor.Page.Locator("#import-error")).ToContainTextAsync("the value of zones does not end");

        await visitor.Page.GetByLabel("What it is").SelectOptionAsync("env");
        await text.FillAsync("OLD=2\nNEW=three\n");
        await visitor.PressAsync("Show what would change");
        var preview = visitor.Page.GetByRole(AriaRole.Table, new() { Name = "What would change" });
        await Assertions.Expect(preview.GetByRole(AriaRole.Row, new() { Name = "OLD" })).ToContainTextAsync("changes");
        await Assertions.Expect(preview.GetByRole(AriaRole.Row, new() { Name = "NEW" })).ToContainTextAsync("new");
        var own = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Variables", Exact = true });
        await Assertions.Expect(own.GetByRole(AriaRole.Rowheader, new() { Name = "NEW" })).ToHaveCountAsync(0);
        // What was not shown is not saved: it is shown first.
        await text.FillAsync("OLD=5\nNEW=three\n");
        await visitor.PressAsync("Save 2 variables");
        await Assertions.Expect(preview.GetByRole(AriaRole.Row, new() { Name = "OLD" })).ToContainTextAsync("5");
        await visitor.PressAsync("Save 2 variables");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status).First).ToHaveTextAsync("2 variables saved. New runs use them.");
        await Assertions.Expect(own.GetByRole(AriaRole.Row, new() { Name = "OLD" })).ToContainTextAsync("5");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Who changed what" })).ToContainTextAsync("OLD");

        await visitor.Page.GetByLabel("Key").FillAsync("zones");
        await visitor.Page.GetByLabel("Value", new() { Exact = true }).FillAsync("[1, 2");
        await visitor.Page.GetByLabel("HCL").CheckAsync();
        await visitor.PressAsync("Add variable");
        await Assertions.Expect(visitor.Page.Locator("#variable-error")).ToContainTextAsync("The expression does not end");
    }

    [Fact]
    public async Task States_are_compared_and_brought_back_and_a_readme_is_shown_without_its_traps()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("states");
        foreach (var size in new[] { "small", "large" })
        {
            await visitor.Page.GotoAsync(address);
            await visitor.UploadAsync(
                Archives.Of(("main.tf", Configuration.Replace("SIZE", size, StringComparison.Ordinal)),
                    ("README.md", "# What it is\n\n<script>document.title='taken'</script>\n\n[trap](javascript:document.title='taken') ![pixel](https://example.com/p.png)")),
                start: true);
            await visitor.SeeStatusAsync("Needs confirmation");
            await visitor.PressAsync("Confirm & apply");
            await visitor.SeeStatusAsync("Applied");
        }
        await visitor.Page.GotoAsync(address);
        var readme = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "README of the configuration" });
        await Assertions.Expect(readme.GetByRole(AriaRole.Heading, new() { Level = 3, Name = "What it is" })).ToBeVisibleAsync();
        await Assertions.Expect(readme.Locator("script, img, a[href^='javascript']")).ToHaveCountAsync(0);
        await Assertions.Expect(visitor.Page.Locator(".run-chart a")).ToHaveCountAsync(2);
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Outputs" })).ToContainTextAsync("large");
        Assert.DoesNotContain("never-shown-5d1f", await visitor.Page.ContentAsync(), StringComparison.Ordinal);

        await visitor.Page.GotoAsync($"{address}/states");
        await visitor.Page.Locator("tbody tr").Last.GetByRole(AriaRole.Link).First.ClickAsync();
        var state = visitor.Page.Url;
        await visitor.PressAsync("Compare");
        var difference = visitor.Page.GetByRole(AriaRole.Region, new() { Name = "What differs" });
        await Assertions.Expect(difference.Locator(".change", new() { HasTextString = "terraform_data.base" })).ToHaveCountAsync(1);
        await Assertions.Expect(difference.Locator(".change", new() { HasTextString = "size" }).Last).ToContainTextAsync("large");
        await Assertions.Expect(visitor.Page.Locator(".graph-edge")).ToHaveCountAsync(1);
        Assert.DoesNotContain("never-shown-5d1f", await visitor.Page.ContentAsync(), StringComparison.Ordinal);
        await Assertions.Expect(visitor.Page.GetByText("First lock the workspace")).ToBeVisibleAsync();

        await visitor.Page.GotoAsync(address);
        await visitor.PressAsync("Lock the workspace");
        await visitor.Page.GotoAsync(state);
        await visitor.Page.GetByRole(AriaRole.Button, new() { Name = "Roll back to" }).ClickAsync();
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status).First).ToContainTextAsync("The state is #");
        await visitor.Page.GotoAsync(address);
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Region, new() { Name = "Outputs" })).ToContainTextAsync("small");
        visitor.SeeNoComplaints();
    }
}
