using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Credentials;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Issuer;

public sealed class KeyApiTests
{
    private const string Rotate = "admin/oidc-settings/actions/rotate-key";
    private const string Trim = "admin/oidc-settings/actions/trim-key";

    [Theory, EachDatabase]
    public async Task Terraform_enterprises_routes_rotate_the_key_and_drop_the_old_one(DatabaseProvider provider)
    {
        await using var platform = await Platform.StartAsync(provider);
        var before = await KidsAsync(platform);

        Assert.Empty((await platform.Api.PostAsync(Rotate)).Expect(204).Bytes);

        var rotated = await KidsAsync(platform);
        Assert.Equal(before.Count + 1, rotated.Count);
        Assert.Empty(before.Except(rotated));
        Assert.Empty((await platform.Api.PostAsync(Trim)).Expect(204).Bytes);
        var trimmed = await KidsAsync(platform);
        Assert.Equal(before.Count, trimmed.Count);
        Assert.Single(before.Except(trimmed));
        (await platform.Api.PostAsync(Trim)).Expect(204);
    }

    [Fact]
    public async Task A_rotation_that_relying_parties_could_not_follow_is_refused()
    {
        await using var platform = await Platform.StartAsync();
        (await platform.Api.PostAsync(Rotate)).Expect(204);
        var kids = await KidsAsync(platform);

        var refused = (await platform.Api.PostAsync(Rotate)).ExpectError(409);

        Assert.Contains("relying parties may not know it before", refused.Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(kids, await KidsAsync(platform));
    }

    [Fact]
    public async Task A_run_goes_on_through_a_rotation_with_the_new_key()
    {
        await using var platform = await Platform.StartAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting));
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");

        (await platform.Api.PostAsync(Rotate)).Expect(204);
        (await run.ActAsync("apply")).Expect(202);
        await run.ReachAsync("applied");

        var (before, after) = (platform.Sts.Of(run.Id, "plan").Kid, platform.Sts.Of(run.Id, "apply").Kid);
        Assert.NotEqual(before, after);
        Assert.Empty(new[] { before, after }.Except(await KidsAsync(platform)));
    }

    [Fact]
    public async Task Runs_go_on_through_a_rotation_in_their_middle()
    {
        const int Runs = 24;
        await using var platform = await Platform.StartAsync();
        var workspaces = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
            await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting));
            await workspace.UploadAsync("""resource "terraform_data" "now" { triggers_replace = timestamp() }""");
            return workspace;
        }));
        var runs = new List<TestRun>();
        for (var i = 0; i < Runs; i++)
        {
            runs.Add(await workspaces[i % workspaces.Length].StartAsync(new() { ["auto-apply"] = true }));
        }

        // Some are over, some are in a phase, some wait.
        await runs[Runs / 3].ReachAsync("applied");
        (await platform.Api.PostAsync(Rotate)).Expect(204);
        foreach (var run in runs)
        {
            await run.ReachAsync("applied");
        }

        string[] kids = [.. runs.SelectMany(run => new[] { "plan", "apply" }.SelectMany(phase => platform.Sts.AllOf(run.Id, phase))).Select(minted => minted.Kid)];
        Assert.Equal(2 * Runs, kids.Length);
        Assert.Equal(2, kids.Distinct().Count());
        Assert.All(kids.CountBy(kid => kid), key => Assert.True(key.Value >= Runs / 3, $"{key}"));
        await using var db = platform.Open();
        Assert.Equal(2 * Runs, await db.CredentialGrants.CountAsync(grant => grant.ErrorCode == null));
        Assert.False(await db.CredentialGrants.AnyAsync(grant => grant.ErrorCode != null));
    }

    [Fact]
    public async Task On_a_curve_the_simulator_verifies_tokens_too()
    {
        await using var platform = await Platform.StartAsync(DatabaseProvider.Sqlite, ("Orchestrator:SigningKeys:Algorithm", "ES256"));
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting));
        await workspace.UploadSampleAsync("hello");

        var run = await workspace.ApplyAsync();

        Assert.Equal("ES256", platform.Sts.Of(run.Id, "apply").Header["alg"]!.GetValue<string>());
    }

    private static async Task<IReadOnlyList<string>> KidsAsync(Platform platform) =>
        [.. (await platform.Anonymous.GetAsync("/.well-known/jwks")).Expect(200).Json["keys"]!.AsArray().Select(key => key!["kid"]!.GetValue<string>())];
}
