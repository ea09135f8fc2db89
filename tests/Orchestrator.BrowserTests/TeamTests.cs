namespace Orchestrator.BrowserTests;

public sealed class TeamTests(Site site)
{
    [Fact]
    public async Task A_team_is_made_and_given_single_rights_that_are_asked_for_only_where_they_count()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("team-pages");
        await visitor.Page.GotoAsync("/app/team-pages/settings/teams");
        await visitor.Page.GetByLabel("Name").FillAsync("-- / --");
        await visitor.PressAsync("Create team");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("A name has 1 to 90");
        await visitor.Page.GetByLabel("Name").FillAsync("operators");
        await visitor.PressAsync("Create team");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("operators was made");
        await visitor.Page.GetByLabel("Manage agent pools").CheckAsync();
        await visitor.PressAsync("Save rights");
        await Assertions.Expect(visitor.Page.GetByLabel("Manage agent pools")).ToBeCheckedAsync();

        await visitor.Page.GotoAsync($"{address}/access");
        var locking = visitor.Page.GetByLabel("Lock and unlock");
        await Assertions.Expect(locking).ToBeHiddenAsync();
        await visitor.Page.GetByLabel("Access", new() { Exact = true }).SelectOptionAsync("custom");
        await locking.CheckAsync();
        await visitor.PressAsync("Give access");
        var row = visitor.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "operators" });
        await Assertions.Expect(row).ToContainTextAsync("runs: start plans, variables: read, state: read, locks");
        await visitor.PressAsync("Take the access of operators");
        await Assertions.Expect(visitor.Page.GetByText("No team has access to this workspace alone.")).ToBeVisibleAsync();
        visitor.SeeNoComplaints();
    }
}
