using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Vcs;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Vcs;

/// <summary>What comments on pull requests ask for, and with whose rights.</summary>
public sealed partial class CommandTests
{
    private const string One = """
        resource "terraform_data" "one" { input = "one" }
        """;

    [Fact]
    public async Task A_comment_plans_and_applies_with_the_rights_of_whoever_has_shown_the_account_and_the_workspace_is_the_requests_until_it_is_over()
    {
        var platform = await SharedPlatforms.OfAsync();
        await using var host = await CodeHost.StartAsync();
        var repository = await host.CreateAsync("acme/network");
        var start = await repository.PushAsync("Begin", "main", ("main.tf", One));
        var connection = await TestConnection.CreateAsync(platform, host);
        var off = await connection.LinkAsync(repository, new JsonObject { ["speculative-enabled"] = false });
        var head = await repository.PushAsync("Grow", "feature", ("main.tf", One.Replace("\"one\" {", "\"two\" {", StringComparison.Ordinal)));
        var desk = new Desk(connection, host, repository, head);

        // Off unless somebody turns it on: no answer, and a line in the log.
        Assert.Equal("No workspace takes commands from this repository's comments.", (await desk.CommentAsync("orchestrator plan", 42)).Reason);
        Assert.Null(desk.LastAnswer);
        (await platform.Api.DeleteAsync($"workspaces/{off.Id}")).Expect(204);
        var network = await connection.LinkAsync(repository, link: new JsonObject { ["comment-commands"] = true, ["apply-before-merge"] = true }, name: "network");
        Assert.True((await network.ReadAsync()).Attributes["vcs-repo"]!["apply-before-merge"]!.GetValue<bool>());
        await connection.HandleAsync("pull_request", TestConnection.PullRequest(repository, head));
        var plan = Assert.Single(await network.RunsAsync());
        await plan.ReachAsync("planned_and_saved");
        await Wait.UntilAsync("the comment that says how", () => host.Told.Any(call => call.Body?["body"]?.GetValue<string>().Contains("`orchestrator apply -w network`", StringComparison.Ordinal) == true));

        // Prose is for people, and a stranger's word counts for nothing.
        Assert.Equal("The comment is no command.", (await desk.CommentAsync("Nice! orchestrator plan", 42)).Reason);
        Assert.StartsWith("Nobody here has shown that this account is theirs.", (await desk.CommentAsync("orchestrator apply -w network", 42)).Reason, StringComparison.Ordinal);
        Assert.StartsWith("Nobody here has shown", desk.LastAnswer, StringComparison.Ordinal);

        // A member shows that the account is theirs. Whoever reads the code there has nothing of it.
        using var browser = await Browser.SignedInAsync(platform);
        var made = (await browser.ForgeAsync("/app/settings/version-control", ("_handler", "link"), ("Form.Connection", connection.Id), ("Form.Account", "@Ada"))).Expect(200);
        var code = Code().Match(made.Text).Groups["code"].Value;
        Assert.Equal(26, code.Length);
        Assert.StartsWith("That is no code for this account", (await desk.CommentAsync($"orchestrator link {code}", 66, "mallory")).Reason, StringComparison.Ordinal);
        Assert.EndsWith("'s now.", (await desk.CommentAsync($"orchestrator link {code}", 42)).Reason, StringComparison.Ordinal);
        Assert.StartsWith("That is no code", (await desk.CommentAsync($"orchestrator link {code}", 42)).Reason, StringComparison.Ordinal);
        Assert.Contains("ada", (await browser.GetAsync("/app/settings/version-control")).Expect(200).Text, StringComparison.Ordinal);
        // The name alone is nobody: somebody else may have it tomorrow.
        Assert.StartsWith("Nobody here", (await desk.CommentAsync("orchestrator plan", 43, "ada")).Reason, StringComparison.Ordinal);
        // Nor is a delivery that tells of a comment which the service does not have, or has otherwise.
        host.Answer("/repos/acme/network/issues/comments/900", new JsonObject { ["id"] = 900, ["body"] = "orchestrator plan", ["user"] = new JsonObject { ["id"] = 66, ["login"] = "mallory" } });
        Assert.StartsWith("The service has no such comment of this author's", ReasonOf(await connection.HandleAsync("issue_comment", Desk.Told(repository, 900, "orchestrator apply -w network", 42, "ada"))), StringComparison.Ordinal);
        Assert.Equal("planned_and_saved", await plan.StatusAsync());

        Assert.Equal("It is none of the commands.", (await desk.CommentAsync("orchestrator destroy everything", 42)).Reason);
        Assert.Contains("`orchestrator apply -w WORKSPACE`", desk.LastAnswer, StringComparison.Ordinal);
        Assert.Contains("No workspace of that name", (await desk.CommentAsync("orchestrator apply -w other", 42)).Reason, StringComparison.Ordinal);
        // As long as the service says no, nobody applies: neither by comment nor with the run's own button.
        desk.State(mergeable: false);
        Assert.Contains("it has conflicts", TestConnection.OutcomesOf((await desk.CommentAsync("orchestrator apply -w network", 42)).Delivery)["network"], StringComparison.Ordinal);
        Assert.Contains("it has conflicts", (await plan.ActAsync("apply")).ExpectError(409).Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.False(await network.IsLockedAsync());
        desk.State();
        var again = await desk.CommentAsync("orchestrator plan -w network", 42);
        Assert.Equal("queued", TestConnection.OutcomesOf(again.Delivery)["network"]);
        Assert.Equal("discarded", await plan.StatusAsync());
        var saved = (await network.RunsAsync())[0];
        await saved.ReachAsync("planned_and_saved");

        // Nobody applies what was planned after they had spoken.
        var early = await desk.CommentAsync("orchestrator apply -w network", 42, at: TimeProvider.System.GetUtcNow().AddMinutes(-10));
        Assert.Equal("Its plan is newer than the comment: look at it, and comment again.", TestConnection.OutcomesOf(early.Delivery)["network"]);
        Assert.Equal("queued", TestConnection.OutcomesOf((await desk.CommentAsync("Orchestrator APPLY -w network\n\nLet's go.", 42)).Delivery)["network"]);
        var applied = await saved.ReachAsync("applied");
        Assert.Contains(saved.Id, desk.LastAnswer, StringComparison.Ordinal);
        Assert.NotNull(applied.RelatedId("created-by"));
        // It is the pull request's now, and says so wherever one looks.
        var locked = await network.ReadAsync();
        Assert.True(locked.Attributes["locked"]!.GetValue<bool>());
        Assert.Contains("Locked by <strong>pull request #7</strong>", (await browser.GetAsync($"/app/{connection.Organization}/network")).Expect(200).Text, StringComparison.Ordinal);
        await Wait.UntilAsync("the comment with the lock", () => host.Told.Any(call => call.Body?["body"]?.GetValue<string>().Contains("`network` is locked by this pull request", StringComparison.Ordinal) == true));
        // Another's commits wait, and another's plan is not applied.
        var pushed = await repository.PushAsync("Meanwhile", "main", ("other.tf", ""));
        await connection.HandleAsync("push", TestConnection.Push(repository, pushed, start));
        var waiting = (await network.RunsAsync())[0];
        Assert.Equal("pending", await waiting.StatusAsync());
        var others = await repository.PushAsync("Theirs", "theirs", ("main.tf", One + "# theirs"));
        await connection.HandleAsync("pull_request", TestConnection.PullRequest(repository, others, number: 8, branch: "theirs"));
        var their = (await network.RunsAsync())[0];
        await their.ReachAsync("planned_and_saved");
        desk.State(number: 8, head: others);
        Assert.Equal("The workspace is locked by pull request #7.", (await their.ActAsync("apply")).ExpectError(409).Error["detail"]!.GetValue<string>());
        // Delivered again, nothing is done again.
        var before = (await network.RunsAsync()).Count;
        var repeated = (await platform.Api.PostAsync($"vcs-events/{again.Delivery.Id}/actions/redeliver")).Expect(200);
        Assert.Contains("is not done again", ReasonOf(await connection.EndOfAsync(repeated.Id)), StringComparison.Ordinal);
        Assert.Equal(before, (await network.RunsAsync()).Count);

        await connection.HandleAsync("pull_request", TestConnection.PullRequest(repository, head, "closed"));
        // What was applied has been merged, so nothing is left to do.
        await waiting.ReachAsync("planned_and_finished");
        Assert.DoesNotContain("pull request #7", (await browser.GetAsync($"/app/{connection.Organization}/network")).Expect(200).Text, StringComparison.Ordinal);

        // Whoever removes their account is nobody there any more.
        var accounts = (await browser.ForgeAsync(
            "/app/settings/version-control", ("_handler", $"remove-{connection.Id}-42"), ("connection", connection.Id), ("account", "42"))).Expect(200);
        Assert.Contains("None yet.", accounts.Text, StringComparison.Ordinal);
        Assert.StartsWith("Nobody here", (await desk.CommentAsync("orchestrator plan", 42)).Reason, StringComparison.Ordinal);

        // Rights are those that the member has now: of somebody without any, the workspace is not there.
        var (stranger, _) = await OutsiderAsync(platform, connection);
        await desk.CommentAsync($"orchestrator link {stranger}", 77, "eve");
        Assert.Equal("No workspace of that name that you see takes commands here.", (await desk.CommentAsync("orchestrator plan -w network", 77, "eve")).Reason);
    }

    /// <summary>A member of the organisation who is in no team, with a code for the account <c>eve</c>.</summary>
    private static async Task<(string Code, UserId User)> OutsiderAsync(Platform platform, TestConnection connection)
    {
        await using var db = platform.Open();
        var organization = await db.Organizations.SingleAsync(row => row.Name == connection.Organization, TestContext.Current.CancellationToken);
        var name = TestWorkspace.NewName("eve");
        var user = new User { Id = Identifier.New<UserId>(), Username = name, UsernameKey = name.ToUpperInvariant(), CreatedAt = TimeProvider.System.GetUtcNow() };
        db.Users.Add(user);
        db.OrganizationMemberships.Add(new OrganizationMembership
        {
            Id = Identifier.New<OrganizationMembershipId>(), OrganizationId = organization.Id, UserId = user.Id, Status = MembershipStatus.Active, CreatedAt = user.CreatedAt,
        });
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return ((await platform.Get<VcsAccounts>().MakeCodeAsync(user.Id, new OAuthClientId(connection.Id), "eve", CancellationToken.None))!, user.Id);
    }

    private static string? ReasonOf(Answer delivery) => delivery.Attributes["reason"]?.GetValue<string>();

    [GeneratedRegex("orchestrator link (?<code>[a-z0-9]+)")]
    private static partial Regex Code();

    /// <summary>Whoever comments on pull request 7, and the host that has these comments.</summary>
    private sealed class Desk
    {
        private readonly TestConnection _connection;
        private readonly CodeHost _host;
        private readonly TestRepository _repository;
        private readonly string _head;
        private int _comments = 1000;

        public Desk(TestConnection connection, CodeHost host, TestRepository repository, string head)
        {
            (_connection, _host, _repository, _head) = (connection, host, repository, head);
            State();
        }

        /// <summary>The last comment that was written anew, and is no list of plans.</summary>
        public string? LastAnswer => _host.Told
            .Where(call => call.Method == "POST" && call.Path.EndsWith("/comments", StringComparison.Ordinal))
            .Select(call => call.Body!["body"]!.GetValue<string>()).LastOrDefault(text => !text.StartsWith("### Plans", StringComparison.Ordinal));

        public void State(bool mergeable = true, int number = 7, string? head = null) => _host.Answer($"/repos/{_repository.Name}/pulls/{number}", new JsonObject
        {
            ["number"] = number, ["state"] = "open", ["title"] = "Grow the network", ["mergeable"] = mergeable, ["user"] = new JsonObject { ["login"] = "ada", ["id"] = 42 },
            ["head"] = new JsonObject { ["sha"] = head ?? _head, ["ref"] = "feature", ["repo"] = new JsonObject { ["full_name"] = _repository.Name } },
            ["base"] = new JsonObject { ["ref"] = "main", ["repo"] = new JsonObject { ["full_name"] = _repository.Name, ["default_branch"] = "main" } },
        });

        public async Task<(Answer Delivery, string? Reason)> CommentAsync(string text, int author, string login = "ada", DateTimeOffset? at = null)
        {
            var id = ++_comments;
            _host.Answer($"/repos/{_repository.Name}/issues/comments/{id}", new JsonObject { ["id"] = id, ["body"] = text, ["created_at"] = at?.ToString("O"), ["user"] = new JsonObject { ["id"] = author, ["login"] = login } });
            var delivery = await _connection.HandleAsync("issue_comment", Told(_repository, id, text, author, login));
            return (delivery, ReasonOf(delivery));
        }

        public static JsonObject Told(TestRepository repository, int id, string text, int author, string login) => new()
        {
            ["action"] = "created",
            ["issue"] = new JsonObject { ["number"] = 7, ["pull_request"] = new JsonObject { ["url"] = "x" } },
            ["comment"] = new JsonObject { ["id"] = id, ["body"] = text, ["user"] = new JsonObject { ["id"] = author, ["login"] = login } },
            ["repository"] = new JsonObject { ["full_name"] = repository.Name },
            ["sender"] = new JsonObject { ["login"] = login, ["id"] = author },
        };
    }
}
