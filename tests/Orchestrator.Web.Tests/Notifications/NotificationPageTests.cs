using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Notifications;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Notifications;

/// <summary>The pages on which people say whom to tell of runs.</summary>
public sealed partial class NotificationPageTests
{
    [Fact]
    public async Task Notifications_are_added_tried_changed_turned_off_and_removed_on_their_pages()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var platform = await Platform.StartAsync(
            DatabaseProvider.Sqlite, ("Orchestrator:Notifications:AllowPrivateAddresses", "true"), ("Orchestrator:Notifications:Timeout", "00:00:02"));
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var browser = await Browser.SignedInAsync(platform);
        var page = $"/app/{workspace.Organization}/workspaces/{workspace.Name}/notifications";
        var buttons = $"/app/{workspace.Organization}/{workspace.Name}/notifications";
        var (path, token) = ("/services/T0/never-to-be-seen", "signs-what-is-sent");
        (string, string)[] webhook =
        [
            ("Form.Destination", "generic"), ("Form.Name", "Pager"), ("Form.Url", receiver.Address + path), ("Form.Token", token), ("Form.Enabled", "true"),
            ("Form.Triggers", NotificationTriggers.Errored), ("Form.Triggers", NotificationTriggers.NeedsAttention),
        ];

        Assert.Contains("Nobody is told yet", (await browser.GetAsync(page)).Expect(200).Text, StringComparison.Ordinal);
        Assert.Contains("Say where notifications go", await browser.RefusalAsync(page, "notification", ("Form.Destination", "slack"), ("Form.Name", "Chat")), StringComparison.Ordinal);
        Assert.Contains("The destination is", await browser.RefusalAsync(page, "notification", ("Form.Destination", "pigeon"), ("Form.Name", "Pigeons")), StringComparison.Ordinal);
        Assert.Contains("Say to which members", await browser.RefusalAsync(page, "notification", ("Form.Destination", "email"), ("Form.Name", "Mail"), ("Form.Enabled", "true")), StringComparison.Ordinal);
        Assert.Contains("Nobody named &#x27;nobody-0&#x27; belongs", await browser.RefusalAsync(page, "notification", ("Form.Destination", "email"), ("Form.Name", "Mail"), ("Form.Members", "admin\nnobody-0")), StringComparison.Ordinal);
        // Only what arrives is saved, and what was typed stays in the form, but for the token.
        receiver.Answer = context => { context.Response.StatusCode = 500; return Task.CompletedTask; };
        var failed = (await browser.ForgeAsync(page, [("_handler", "notification"), .. webhook])).Expect(200).Text;
        Assert.Contains("answered the verification with 500", failed, StringComparison.Ordinal);
        Assert.Contains(path, failed, StringComparison.Ordinal);
        Assert.DoesNotContain(token, failed, StringComparison.Ordinal);

        receiver.Answer = context => context.Response.WriteAsync("thank you");
        var saved = (await browser.ForgeAsync(page, [("_handler", "notification"), .. webhook])).Expect(302).Headers.Location!.ToString();
        var listed = (await browser.GetAsync(saved)).Expect(200).Text;
        Assert.Contains("A run waits for somebody", listed, StringComparison.Ordinal);
        Assert.Contains("200 <code>thank you</code>", Spaces().Replace(listed, " "), StringComparison.Ordinal);
        Assert.DoesNotContain(path, listed, StringComparison.Ordinal);
        var test = receiver.Received.Last();
        Assert.Equal(Convert.ToHexStringLower(HMACSHA512.HashData(Encoding.UTF8.GetBytes(token), test.Body)), test.Headers[NotificationSender.SignatureHeader]);

        var id = Id().Match(saved).Value;
        Assert.DoesNotContain(path, (await browser.GetAsync($"{page}?change={id}")).Expect(200).Text, StringComparison.Ordinal);
        // What is left empty stays: the address and the token.
        (await browser.ForgeAsync($"{page}?change={id}", ("_handler", "notification"), ("Form.Name", "Beeper"), ("Form.Triggers", NotificationTriggers.Completed), ("Form.Enabled", "true"))).Expect(302);
        Assert.Contains(NotificationSender.SignatureHeader, receiver.Received.Last().Headers.Keys);
        var shown = (await browser.GetAsync(page)).Expect(200);
        (await browser.SubmitAsync(shown, $"{buttons}/{id}/verify")).Expect(302);
        Assert.Contains("The test has arrived: Beeper answered with 200. It said: thank you", (await browser.GetAsync(page)).Text, StringComparison.Ordinal);
        receiver.Answer = context => { context.Response.StatusCode = 418; return context.Response.WriteAsync("a teapot"); };
        (await browser.SubmitAsync(shown, $"{buttons}/{id}/verify")).Expect(302);
        var refused = (await browser.GetAsync(page)).Text;
        Assert.Contains("answered the verification with 418; it has to answer with 2xx. It said: a teapot", refused, StringComparison.Ordinal);
        Assert.Contains("The newest failed.", refused, StringComparison.Ordinal);

        (await browser.ForgeAsync($"{buttons}/{id}/switch", ("on", "false"))).Expect(302);
        await using var db = platform.Open();
        Assert.False((await db.NotificationConfigurations.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken)).Enabled);
        (await browser.ForgeAsync($"{buttons}/{id}/switch", ("on", "true"))).Expect(302);
        Assert.Contains("Beeper stays off. The receiver answered", (await browser.GetAsync(page)).Text, StringComparison.Ordinal);

        // A project's are its own: neither page has a hold on the other's.
        var project = $"/app/{workspace.Organization}/settings/projects/{(await workspace.ReadAsync()).RelatedId("project")}/notifications";
        Assert.Contains("Nobody is told yet", (await browser.GetAsync(project)).Expect(200).Text, StringComparison.Ordinal);
        (await browser.ForgeAsync($"{project}/{id}/delete")).Expect(302);
        receiver.Answer = context => context.Response.WriteAsync("");
        (await browser.ForgeAsync(project, ("_handler", "notification"), ("Form.Destination", "microsoft-teams"), ("Form.Name", "Everybody"), ("Form.Url", receiver.Address), ("Form.Enabled", "true"))).Expect(302);
        Assert.Contains("Everybody", (await browser.GetAsync(page)).Text, StringComparison.Ordinal);
        (await browser.SubmitAsync(shown, $"{buttons}/{id}/delete")).Expect(302);
        Assert.Equal("Everybody", (await db.NotificationConfigurations.AsNoTracking().SingleAsync(TestContext.Current.CancellationToken)).Name);
    }

    [GeneratedRegex("nc-[A-Za-z0-9]{16}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
