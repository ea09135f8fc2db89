using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

public sealed class ApiTokenTests
{
    [Theory, EachDatabase]
    public async Task What_somebody_does_by_a_token_of_their_own_is_recorded_as_theirs(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var admin = await platform.AccountAsync(user => user.IsSiteAdmin = true);
        using var caller = await platform.CallerAsync(admin);
        var workspace = await TestWorkspace.CreateAsync(caller);
        await workspace.UploadAsync("""resource "terraform_data" "one" {}""");

        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        (await run.ActAsync("apply")).Expect(202);
        await run.ReachAsync("applied");
        (await caller.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);

        var document = await run.ReadAsync();
        Assert.Equal(admin.Id.Value, document.RelatedId("created-by"));
        Assert.Equal(admin.Id.Value, document.RelatedId("confirmed-by"));
        Assert.Equal(admin.Id.Value, (await workspace.ReadAsync()).RelatedId("locked-by"));
        var events = (await caller.GetAsync($"runs/{run.Id}/run-events")).Expect(200).Json["data"]!.AsArray();
        Assert.Equal(admin.Username, events[0]!["attributes"]!["actor"]!.GetValue<string>());
        Assert.Equal(admin.Id.Value, events[0]!["relationships"]!["actor"]!["data"]!["id"]!.GetValue<string>());
    }

    [Theory, EachDatabase]
    public async Task Nobody_unlocks_what_somebody_else_has_locked(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        using var other = await platform.CallerAsync(await platform.AccountAsync(user => user.IsSiteAdmin = true));
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);

        var refused = (await other.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).ExpectError(409);

        Assert.Contains("is locked by User", refused.Text, StringComparison.Ordinal);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).Expect(200);
    }

    [Theory, EachDatabase]
    public async Task An_expired_or_revoked_token_answers_401(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var admin = await platform.AccountAsync(user => user.IsSiteAdmin = true);
        var tokens = platform.Get<ApiTokens>();
        var request = new TokenRequest(Actor.Platform);
        var revoked = await tokens.IssueAsync(admin.Id, request, CancellationToken.None);
        var expired = await tokens.IssueAsync(
            admin.Id, request with { ExpiredAt = TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(1) }, CancellationToken.None);
        using var once = new ApiClient(platform.Address, revoked.Text);
        using var never = new ApiClient(platform.Address, expired.Text);
        (await once.GetAsync("ping")).Expect(204);

        await tokens.RevokeAsync(all => all.Where(token => token.Id == revoked.Token.Id), CancellationToken.None);

        (await once.GetAsync("ping")).ExpectError(401);
        (await never.GetAsync("ping")).ExpectError(401);
    }
}
