using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Audit;

public sealed class AuditTests
{
    [Theory, EachDatabase]
    public async Task A_change_says_who_did_what_from_where_and_never_what_the_value_was(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var owner = await platform.AccountAsync();
        await platform.JoinAsync(owner, await platform.OwnersAsync(workspace.Organization));
        using var caller = await platform.CallerAsync(owner);
        var secret = TestWorkspace.NewName("hunter2");

        var made = (await caller.PostAsync($"workspaces/{workspace.Id}/vars", ApiClient.Document("vars", new JsonObject
        {
            ["key"] = "password", ["value"] = secret, ["category"] = "terraform", ["sensitive"] = true,
        }))).Expect(201);
        (await caller.PatchAsync($"workspaces/{workspace.Id}/vars/{made.Id}", ApiClient.Document("vars", new JsonObject { ["value"] = secret + "-2" }))).Expect(200);

        var entries = await EntriesAsync(platform, entry => entry.ActorId == owner.Id.Value && entry.ResourceId == made.Id);
        Assert.Equal(["create", "update"], entries.Select(entry => entry.Action));
        Assert.All(entries, entry =>
        {
            Assert.Equal((AuditActorKind.User, owner.Username, "token", "var"), (entry.ActorKind, entry.ActorName, entry.Via, entry.ResourceType));
            Assert.Equal((workspace.Id, AuditOutcome.Succeeded, "127.0.0.1"), (entry.WorkspaceId?.Value, entry.Outcome, entry.Address));
            Assert.NotNull(entry.TokenId);
        });
        Assert.Equal("value", AuditDetail.Read(entries[1].Detail)["attributes"]);
        await using var db = await platform.OpenTrailAsync();
        var all = await db.AuditEntries.AsNoTracking().ToListAsync();
        Assert.DoesNotContain(all, entry => $"{entry.Detail}{entry.Route}{entry.ResourceId}{entry.UserAgent}".Contains(secret, StringComparison.Ordinal));
    }

    [Theory, EachDatabase]
    public async Task A_refusal_by_rights_and_a_wrong_token_are_recorded_and_a_thing_that_is_not_there_is_not(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var outsider = await platform.AccountAsync();
        using var caller = await platform.CallerAsync(outsider);
        using var forged = new ApiClient(platform.Address, "AAAAAAAAAAAAAA.atlasv1." + new string('x', 67));
        var mark = TestWorkspace.NewName("forger");

        (await caller.GetAsync($"workspaces/{workspace.Id}")).ExpectError(404);
        (await caller.GetAsync($"workspaces/{workspace.Id}")).ExpectError(404);
        (await caller.GetAsync("workspaces/ws-0000000000000000")).ExpectError(404);
        (await forged.SendAsync(HttpMethod.Get, $"workspaces/{workspace.Id}", headers: headers => headers.UserAgent.ParseAdd(mark))).ExpectError(401);
        (await platform.Anonymous.SendAsync(HttpMethod.Get, $"workspaces/{workspace.Id}", headers: headers => headers.UserAgent.ParseAdd(mark + "-2"))).ExpectError(401);

        // Also at the front door, whose address has no words.
        (await forged.SendAsync(HttpMethod.Get, "/", headers: headers => headers.UserAgent.ParseAdd(mark + "-3"))).Expect(302);

        // The second one within a minute is only counted.
        var refused = Assert.Single(await EntriesAsync(platform, entry => entry.ActorId == outsider.Id.Value && entry.Action != "use"));
        Assert.Equal((AuditOutcome.Refused, 404, workspace.Id), (refused.Outcome, refused.Status, refused.WorkspaceId?.Value));
        var atTheDoor = Assert.Single(await EntriesAsync(platform, entry => entry.UserAgent == mark + "-3"));
        Assert.Equal(("read", "site", AuditOutcome.Refused), (atTheDoor.Action, atTheDoor.ResourceType, atTheDoor.Outcome));
        var unknown = Assert.Single(await EntriesAsync(platform, entry => entry.UserAgent == mark));
        Assert.Equal((AuditActorKind.Anonymous, AuditOutcome.Refused, 401), (unknown.ActorKind, unknown.Outcome, unknown.Status));
    }

    [Fact]
    public async Task A_request_that_the_server_fails_over_has_failed()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mark = TestWorkspace.NewName("broken");
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Post;
        context.Request.Headers.UserAgent = mark;
        context.SetEndpoint(new RouteEndpoint(
            _ => Task.CompletedTask, RoutePatternFactory.Parse("/api/v2/things/{id}/actions/break"), 0, new EndpointMetadataCollection(new AllowAnonymousAttribute()), null));
        var middleware = ActivatorUtilities.CreateInstance<AuditMiddleware>(
            platform.Get<IServiceProvider>(), new RequestDelegate(_ => throw new InvalidOperationException("broken")));

        await Assert.ThrowsAsync<InvalidOperationException>(() => middleware.InvokeAsync(context));

        var entry = Assert.Single(await EntriesAsync(platform, entry => entry.UserAgent == mark));
        Assert.Equal(("break", "thing", AuditOutcome.Failed, 500), (entry.Action, entry.ResourceType, entry.Outcome, entry.Status));
    }

    [Fact]
    public async Task A_token_that_shows_up_from_somewhere_new_is_recorded_once()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        using var caller = await platform.CallerAsync(user);

        (await caller.GetAsync("account/details")).Expect(200);
        (await caller.GetAsync("account/details")).Expect(200);

        var entry = Assert.Single(await EntriesAsync(platform, entry => entry.ActorId == user.Id.Value));
        Assert.Equal(("use", "authentication_token", entry.TokenId?.Value), (entry.Action, entry.ResourceType, entry.ResourceId));
        Assert.Equal("127.0.0.1", AuditDetail.Read(entry.Detail)["first_from"]);
    }

    [Theory, EachDatabase]
    public async Task A_download_by_a_signed_link_names_who_made_the_link_and_hides_the_link(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""resource "terraform_data" "one" { input = 1 }""");
        await workspace.ApplyAsync();
        var state = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/current-state-version")).Expect(200);
        var link = state.Attributes["hosted-state-download-url"]!.GetValue<string>();
        var mark = TestWorkspace.NewName("reader");

        (await platform.Anonymous.SendAsync(HttpMethod.Get, link, headers: headers => headers.UserAgent.ParseAdd(mark))).Expect(200);

        var entry = Assert.Single(await EntriesAsync(platform, entry => entry.UserAgent == mark));
        Assert.Equal(("download", "state_version", state.Id, "link"), (entry.Action, entry.ResourceType, entry.ResourceId, entry.Via));
        Assert.Equal((User.AdminId.Value, workspace.Id), (entry.ActorId, entry.WorkspaceId?.Value));
        Assert.Equal("GET /api/v2/downloads/states/{link}", entry.Route);
    }

    [Theory, EachDatabase]
    public async Task Who_has_read_a_log_is_recorded_once_an_hour(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""resource "terraform_data" "one" { input = 1 }""");
        var run = await workspace.ApplyAsync();
        var reader = await platform.AccountAsync(user => user.IsSiteAdmin = true);
        using var browser = await Browser.SignedInAsync(platform, reader.Id);
        var link = await run.LogLinkAsync("plan");

        (await browser.GetAsync($"/app/events/runs/{run.Id}/logs/plan/raw")).Expect(200);
        (await browser.GetAsync($"/app/events/runs/{run.Id}/logs/plan")).Expect(200);
        (await browser.GetAsync($"/app/events/runs/{run.Id}/logs/apply")).Expect(200);
        (await platform.Anonymous.GetAsync(link)).Expect(200);
        (await platform.Anonymous.GetAsync(link)).Expect(200);

        var entries = await EntriesAsync(platform, entry => entry.ResourceId == run.Id && entry.Action == "read");
        Assert.Equal(
            [("plan_log", reader.Id.Value, "session"), ("apply_log", reader.Id.Value, "session"), ("plan_log", User.AdminId.Value, "link")],
            entries.Select(entry => (entry.ResourceType, entry.ActorId, entry.Via)));
        Assert.All(entries, entry => Assert.Equal((AuditOutcome.Succeeded, workspace.Id), (entry.Outcome, entry.WorkspaceId?.Value)));
    }

    [Theory, EachDatabase]
    public async Task What_the_platform_does_with_a_run_by_itself_is_recorded_with_it(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""resource "terraform_data" "one" { input = 1 }""");
        await workspace.ApplyAsync();

        await platform.Get<AuditTrail>().CatchUpAsync(CancellationToken.None);

        var id = new WorkspaceId(workspace.Id);
        var entries = await EntriesAsync(platform, entry => entry.WorkspaceId == id && entry.ResourceType == "run");
        Assert.Contains(entries, entry => entry is { Action: "create", ActorKind: AuditActorKind.SiteAdmin });
        Assert.Contains(entries, entry => entry is { Action: "apply", ActorKind: AuditActorKind.Platform });
        Assert.Contains(entries, entry => entry is { Action: "finish", ActorKind: AuditActorKind.Platform, Outcome: AuditOutcome.Succeeded });
        // And what its terraform did, by the run's own token.
        Assert.Contains(await EntriesAsync(platform, entry => entry.WorkspaceId == id && entry.ActorKind == AuditActorKind.Run), entry => entry.ResourceType == "state_version");
    }

    [Fact]
    public async Task Signing_in_and_out_and_failing_to_are_recorded()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        using var browser = await Browser.SignedInAsync(platform, user.Id);

        (await browser.SubmitAsync((await browser.GetAsync("/app/settings/tokens")).Expect(200), "/sign-out")).Expect(302);

        var entries = await EntriesAsync(platform, entry => entry.ActorId == user.Id.Value);
        Assert.Equal(["sign_in", "sign_out"], entries.Select(entry => entry.Action));
        Assert.All(entries, entry => Assert.Equal(("session", AuditOutcome.Succeeded), (entry.ResourceType, entry.Outcome)));
        (await platform.Anonymous.GetAsync("/sign-in/" + new string('a', 43))).Expect(302);
        Assert.NotEmpty(await EntriesAsync(platform, entry => entry.Action == "sign_in" && entry.Outcome == AuditOutcome.Refused && entry.ActorKind == AuditActorKind.Anonymous));
    }

    [Theory, EachDatabase]
    public async Task An_organisation_reads_its_own_trail_by_its_token_as_hcp_shows_it(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var (workspace, another) = (await TestWorkspace.CreateAsync(platform.Api), await TestWorkspace.CreateAsync(platform.Api));
        var token = (await platform.Api.PostAsync($"organizations/{workspace.Organization}/authentication-token")).Expect(201);
        using var program = new ApiClient(platform.Address, token.Attributes["token"]!.GetValue<string>());

        var answer = (await program.GetAsync("organization/audit-trail?page[size]=2&page[number]=1")).Expect(200);

        var events = answer.Json["data"]!.AsArray();
        Assert.Equal(2, events.Count);
        Assert.Equal(("create", "authentication_token", token.Id), Resource(events[0]!));
        Assert.Equal("Client", events[0]!["auth"]!["type"]!.GetValue<string>());
        Assert.Equal(User.AdminId.Value, events[0]!["auth"]!["accessor_id"]!.GetValue<string>());
        Assert.Equal(1, answer.Json["pagination"]!["current_page"]!.GetValue<int>());
        Assert.Equal(2, answer.Json["pagination"]!["next_page"]!.GetValue<int>());
        var all = (await program.GetAsync("organization/audit-trail?page[size]=1000")).Expect(200);
        Assert.Contains(workspace.Id, all.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(another.Id, all.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(token.Attributes["token"]!.GetValue<string>(), all.Text, StringComparison.Ordinal);
        Assert.Empty((await program.GetAsync("organization/audit-trail?since=2100-01-01T00:00:00Z")).Expect(200).Json["data"]!.AsArray());
        (await program.GetAsync("organization/audit-trail?since=yesterday")).ExpectError(400);
        (await platform.Api.GetAsync("organization/audit-trail")).ExpectError(404);
    }

    [Fact]
    public async Task The_trail_is_filtered_by_who_what_and_outcome_and_the_export_can_be_followed()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var member = await platform.AccountAsync();
        await platform.JoinAsync(member, await platform.TeamAsync(workspace.Organization));
        using var caller = await platform.CallerAsync(member);
        (await caller.DeleteAsync($"workspaces/{workspace.Id}")).ExpectError(404);
        var trail = $"organizations/{workspace.Organization}/audit-trail";

        Assert.Equal(
            ("delete", "workspace", workspace.Id),
            Resource(Assert.Single((await platform.Api.GetAsync($"{trail}?filter[who]={member.Id}&filter[outcome]=refused")).Expect(200).Json["data"]!.AsArray())!));
        Assert.All(
            (await platform.Api.GetAsync($"{trail}?filter[what]=create")).Expect(200).Json["data"]!.AsArray(),
            happening => Assert.Equal("create", Resource(happening!).Action));
        (await platform.Api.GetAsync($"{trail}?filter[outcome]=perhaps")).ExpectError(400);
        (await caller.GetAsync(trail)).ExpectError(404);
        (await caller.GetAsync("admin/audit-trail")).ExpectError(404);
        var lines = (await platform.Api.GetAsync("admin/audit-trail/export")).Expect(200).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        for (var index = 1; index < lines.Count; index++)
        {
            Assert.Equal(lines[index - 1]["hash"]!.GetValue<string>(), lines[index]["previous_hash"]!.GetValue<string>());
        }
        Assert.Contains(await EntriesAsync(platform, entry => entry.Action == "export"), entry => entry.ResourceType == "audit_trail");
    }

    [Theory, EachDatabase]
    public async Task Owners_read_their_trail_in_a_page_and_site_admins_the_whole_one(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var (owner, member) = (await platform.AccountAsync(), await platform.AccountAsync());
        await platform.JoinAsync(owner, await platform.OwnersAsync(workspace.Organization));
        await platform.JoinAsync(member, await platform.TeamAsync(workspace.Organization));
        using var ofOwner = await Browser.SignedInAsync(platform, owner.Id);
        using var ofMember = await Browser.SignedInAsync(platform, member.Id);
        using var ofAdmin = await Browser.SignedInAsync(platform);
        var path = $"/app/{workspace.Organization}/settings/audit";

        var page = (await ofOwner.GetAsync($"{path}?what={workspace.Id}")).Expect(200);
        Assert.Contains("Create workspace", page.Text, StringComparison.Ordinal);
        Assert.Contains(workspace.Id, page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(workspace.Id, (await ofOwner.GetAsync($"{path}?who={owner.Id}")).Expect(200).Text, StringComparison.Ordinal);
        Assert.Contains("an instant", (await ofOwner.GetAsync($"{path}?since=soon")).Expect(200).Text, StringComparison.Ordinal);
        Assert.Contains(workspace.Id, (await ofOwner.GetAsync($"{path}.jsonl")).Expect(200).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(workspace.Id, (await ofMember.GetAsync(path)).Text, StringComparison.Ordinal);
        (await ofMember.GetAsync($"{path}.jsonl")).Expect(404);
        (await ofOwner.GetAsync("/app/settings/audit")).Expect(404);
        (await ofOwner.GetAsync("/app/settings/audit.jsonl")).Expect(404);
        Assert.Contains(workspace.Id, (await ofAdmin.GetAsync($"/app/settings/audit?what={workspace.Id}")).Expect(200).Text, StringComparison.Ordinal);
    }

    private static (string Action, string Type, string? Id) Resource(JsonNode happening) => (
        happening["resource"]!["action"]!.GetValue<string>(), happening["resource"]!["type"]!.GetValue<string>(), happening["resource"]!["id"]?.GetValue<string>());

    private static async Task<List<AuditEntry>> EntriesAsync(Platform platform, System.Linq.Expressions.Expression<Func<AuditEntry, bool>> which)
    {
        await using var db = await platform.OpenTrailAsync();
        return await db.AuditEntries.AsNoTracking().Where(which).OrderBy(entry => entry.Sequence).ToListAsync();
    }
}
