using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Notifications;

/// <summary>Notifications by mail, in real conversations with a mail server that wants to know who sends.</summary>
public sealed class MailTests
{
    [Theory, EachDatabase]
    public async Task Members_who_may_read_the_run_are_told_by_mail_and_the_others_are_not(DatabaseProvider provider)
    {
        var password = Planted.Secret("smtp");
        await using var post = MailServer.Start($"orchestrator:{password}");
        await using var platform = await Platform.StartAsync(
            provider, ("Orchestrator:Smtp:Host", "127.0.0.1"), ("Orchestrator:Smtp:Port", post.Port.ToString(CultureInfo.InvariantCulture)),
            ("Orchestrator:Smtp:Security", "None"), ("Orchestrator:Smtp:User", "orchestrator"), ("Orchestrator:Smtp:Password", password),
            ("Orchestrator:Smtp:From", "orchestrator@example.com"));
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var readers = await platform.TeamAsync(workspace.Organization);
        await platform.GiveAsync(readers, workspace, WorkspaceAccessLevel.Read);
        var (alice, bob, carol) = (await platform.ReachableAsync("alice@example.com"), await platform.ReachableAsync("bob@example.com"), await platform.AccountAsync());
        await platform.JoinAsync(alice, readers);
        await platform.JoinAsync(bob, await platform.TeamAsync(workspace.Organization));
        await platform.JoinAsync(carol, readers);
        var stranger = await platform.ReachableAsync("mallory@example.com");

        Assert.Equal("/data/relationships/users", (await CreateAsync(platform, workspace, alice, stranger)).ExpectError(422).Pointer);
        Assert.Contains("who has a mail address", (await CreateAsync(platform, workspace, carol)).ExpectError(400).Text, StringComparison.Ordinal);
        Assert.Empty(post.Mails);
        var created = (await CreateAsync(platform, workspace, alice, bob, carol)).Expect(201);

        Assert.Equal(
            new[] { alice.Id.Value, bob.Id.Value, carol.Id.Value },
            created.Json["data"]!["relationships"]!["users"]!["data"]!.AsArray().Select(user => user!["id"]!.GetValue<string>()));
        var verification = Assert.Single(post.Mails);
        Assert.Contains("MAIL FROM:<orchestrator@example.com>", verification, StringComparison.Ordinal);
        Assert.Equal(["alice@example.com", "bob@example.com"], ReceiversOf(verification));
        // Each learns of nobody else.
        Assert.DoesNotContain("bob@", verification[verification.IndexOf("Subject:", StringComparison.Ordinal)..], StringComparison.Ordinal);

        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        await Wait.UntilAsync("the mail about the run", () => post.Mails.Count == 2);
        Assert.Equal(["alice@example.com"], ReceiversOf(post.Mails.Last()));
        Assert.Contains(run.Id, post.Mails.Last().Replace("=\r\n", "", StringComparison.Ordinal).Replace("=\n", "", StringComparison.Ordinal), StringComparison.Ordinal);

        // Somebody invited can be named, and is told when they have come.
        var dave = (await platform.Api.PostAsync(
            $"organizations/{workspace.Organization}/organization-memberships",
            ApiClient.Document("organization-memberships", new JsonObject { ["email"] = "dave@example.com" }))).Expect(201);
        var named = Document([], [alice]);
        named["data"]!["relationships"]!["users"]!["data"]!.AsArray().Add(new JsonObject { ["type"] = "users", ["id"] = dave.RelatedId("user") });
        (await platform.Api.PatchAsync($"notification-configurations/{created.Id}", named)).Expect(200);
        Assert.Equal(["alice@example.com"], ReceiversOf(post.Mails.Last()));
        var account = await platform.ReachableAsync("dave@example.com");
        await using (var db = platform.Open())
        {
            var membership = new OrganizationMembershipId(dave.Id);
            await db.OrganizationMemberships.Where(row => row.Id == membership).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.UserId, account.Id).SetProperty(row => row.Status, MembershipStatus.Active));
        }
        (await platform.Api.PostAsync($"notification-configurations/{created.Id}/actions/verify")).Expect(200);
        Assert.Equal(["alice@example.com", "dave@example.com"], ReceiversOf(post.Mails.Last()));

        // The server's own account is refused: whoever verifies is told so, and not by which password.
        post.Account = "orchestrator:another";
        var refused = (await platform.Api.PostAsync($"notification-configurations/{created.Id}/actions/verify")).ExpectError(400);
        Assert.Contains("user and password", refused.Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain(Planted.Mark, refused.Text, StringComparison.Ordinal);
        (await platform.Api.PatchAsync($"notification-configurations/{created.Id}", Document(new JsonObject { ["enabled"] = false }, []))).Expect(200);
        (await platform.Api.PatchAsync($"notification-configurations/{created.Id}", Document(new JsonObject { ["enabled"] = true }, []))).ExpectError(422);
        Assert.Empty(await Planted.FindAsync(platform));
        platform.ExpectNoLoggedErrors();
    }

    private static Task<Answer> CreateAsync(Platform platform, TestWorkspace workspace, params User[] users) => platform.Api.PostAsync(
        $"workspaces/{workspace.Id}/notification-configurations", Document(new JsonObject
        {
            ["name"] = "mail", ["destination-type"] = "email", ["enabled"] = true, ["triggers"] = new JsonArray("run:created"),
        }, users));

    private static JsonObject Document(JsonObject attributes, IReadOnlyList<User> users)
    {
        var document = ApiClient.Document("notification-configurations", attributes);
        document["data"]!["relationships"] = new JsonObject
        {
            ["users"] = new JsonObject { ["data"] = new JsonArray([.. users.Select(user => new JsonObject { ["type"] = "users", ["id"] = user.Id.Value })]) },
        };
        return document;
    }

    private static IEnumerable<string> ReceiversOf(string mail) => mail.Split('\n')
        .Where(line => line.StartsWith("RCPT TO:<", StringComparison.Ordinal)).Select(line => line["RCPT TO:<".Length..].Trim().TrimEnd('>')).Order(StringComparer.Ordinal);
}
