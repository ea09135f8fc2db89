namespace Orchestrator.BrowserTests;

public sealed class NotificationTests(Site site)
{
    [Fact]
    public async Task A_notification_asks_for_what_its_receiver_needs_and_a_workspace_for_whom_it_follows()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("told-pages");
        await visitor.AddWorkspaceAsync("told-pages", "source");
        await visitor.Page.GotoAsync($"{address}/notifications");
        await Assertions.Expect(visitor.Page.GetByLabel("Token")).ToBeVisibleAsync();
        await Assertions.Expect(visitor.Page.GetByLabel("Mail addresses")).ToBeHiddenAsync();
        await visitor.Page.GetByLabel("Goes to").SelectOptionAsync("email");
        await Assertions.Expect(visitor.Page.GetByLabel("Token")).ToBeHiddenAsync();
        await visitor.Page.GetByLabel("Name").FillAsync("Mail");
        await visitor.Page.GetByLabel("Mail addresses").FillAsync("ops@example.com");
        await visitor.PressAsync("Add notification");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This installation has no mail server.");
        await Assertions.Expect(visitor.Page.GetByLabel("Mail addresses")).ToHaveValueAsync("ops@example.com");
        await visitor.Page.GetByLabel("Turn it on").UncheckAsync();
        await visitor.PressAsync("Add notification");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Mail is saved, and off.");
        await visitor.PressAsync("Send a test to Mail");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("could not be delivered");
        await visitor.PressAsync("Remove Mail");
        await Assertions.Expect(visitor.Page.GetByText("Nobody is told yet.")).ToBeVisibleAsync();

        await visitor.Page.GotoAsync($"{address}/triggers");
        await visitor.Page.GetByLabel("Its name").FillAsync("network");
        await visitor.PressAsync("Follow it");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("A workspace cannot follow itself.");
        await visitor.Page.GetByLabel("Its name").FillAsync("source");
        await visitor.PressAsync("Follow it");
        await Assertions.Expect(visitor.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = "source" })).ToBeVisibleAsync();
        visitor.SeeNoComplaints();
    }
}
