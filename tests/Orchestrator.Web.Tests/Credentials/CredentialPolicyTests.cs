using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

public sealed class CredentialPolicyTests
{
    [Theory, EachDatabase]
    public async Task A_policy_is_read_and_changed_at_each_level_and_says_what_applies_and_who_decided(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var project = (await workspace.ReadAsync()).RelatedId("project");
        var names = new Dictionary<string, string> { [workspace.Organization] = "<organization>" };
        (await ChangeAsync(platform, $"organizations/{workspace.Organization}", """{"speculative":"refused","allowed-roles":["arn:aws:iam::*:role/team-*"]}""")).Expect(200);
        (await ChangeAsync(platform, $"projects/{project}", """{"read-only-plan":true,"delivery":"endpoint"}""")).Expect(200);
        var changed = (await ChangeAsync(platform, $"workspaces/{workspace.Id}", """{"session-tags":true,"speculative":"allowed"}""")).Expect(200);

        CommittedDocument.Compare("credential-policy-workspace", changed.Json, names);
        CommittedDocument.Compare("credential-policy-workspace", (await ReadAsync(platform, $"workspaces/{workspace.Id}")).Json, names);
        CommittedDocument.Compare("credential-policy-project", (await ReadAsync(platform, $"projects/{project}")).Json, names);
        CommittedDocument.Compare("credential-policy-organization", (await ReadAsync(platform, $"organizations/{workspace.Organization}")).Json, names);
    }

    [Fact]
    public async Task What_is_absent_stays_and_null_gives_it_back()
    {
        var platform = await SharedPlatforms.OfAsync();
        var path = $"workspaces/{(await TestWorkspace.CreateAsync(platform.Api)).Id}";
        await ChangeAsync(platform, path, """{"delivery":"endpoint","session-tags":false,"allowed-roles":["123456789012"]}""");
        await ChangeAsync(platform, path, """{"delivery":null}""");
        await ChangeAsync(platform, path, "{}");

        var policy = (await ReadAsync(platform, path)).Attributes;

        Assert.Null(policy["delivery"]);
        Assert.False(policy["session-tags"]!.GetValue<bool>());
        Assert.Equal("123456789012", Assert.Single(policy["allowed-roles"]!.AsArray())!.GetValue<string>());
        await ChangeAsync(platform, path, """{"allowed-roles":null}""");
        Assert.Empty((await ReadAsync(platform, path)).Attributes["allowed-roles"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"delivery":"by letter"}""", "delivery")]
    [InlineData("""{"delivery":7}""", "delivery")]
    [InlineData("""{"speculative":"perhaps"}""", "speculative")]
    [InlineData("""{"read-only-plan":"yes"}""", "read-only-plan")]
    [InlineData("""{"session-tags":1}""", "session-tags")]
    [InlineData("""{"allowed-roles":"123456789012"}""", "allowed-roles")]
    [InlineData("""{"allowed-roles":[null]}""", "allowed-roles")]
    [InlineData("""{"allowed-roles":["*"]}""", "allowed-roles")]
    [InlineData("""{"read-only-plan":true,"delivery":"web_identity_file"}""", "read-only-plan")]
    public async Task A_policy_that_cannot_be_is_refused_with_a_reason(string attributes, string attribute)
    {
        var platform = await SharedPlatforms.OfAsync();
        var path = $"workspaces/{(await TestWorkspace.CreateAsync(platform.Api)).Id}";

        var refused = (await ChangeAsync(platform, path, attributes)).ExpectError(422);

        Assert.Equal($"/data/attributes/{attribute}", refused.Pointer);
        Assert.NotEmpty(refused.Error["detail"]!.GetValue<string>());
        Assert.Equal("default", (await ReadAsync(platform, path)).Attributes["effective"]!["delivery"]!["by"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("organizations/no-such-organization")]
    [InlineData("projects/prj-0000000000000000")]
    [InlineData("workspaces/ws-0000000000000000")]
    public async Task A_policy_of_nobody_is_not_there(string path)
    {
        var platform = await SharedPlatforms.OfAsync();

        (await platform.Api.GetAsync($"{path}/credential-policy")).ExpectError(404);
        (await ChangeAsync(platform, path, "{}")).ExpectError(404);
    }

    [Fact]
    public async Task What_a_policy_refuses_a_run_does_not_get()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        (await ChangeAsync(platform, $"workspaces/{workspace.Id}", """{"allowed-roles":["210987654321"]}""")).Expect(200);
        await AwsTests.SetUpAsync(workspace);
        await workspace.SetAsync("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting, "env", sensitive: true);
        await workspace.UploadSampleAsync("hello");

        var run = await workspace.StartAsync();
        var outcome = (await run.ReachAsync("errored")).Attributes["outcome"]!.GetValue<string>();

        Assert.StartsWith("This workspace may not assume (sensitive) (from the variable TFC_AWS_RUN_ROLE_ARN)", outcome, StringComparison.Ordinal);
        Assert.DoesNotContain(Accounts.Trusting, outcome + await run.LogAsync("plan"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sensitive_roles_arn_is_hidden_also_when_aws_refuses_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await AwsTests.SetUpAsync(workspace);
        await workspace.SetAsync("TFC_AWS_RUN_ROLE_ARN", Accounts.TrustsAnother, "env", sensitive: true);
        await workspace.UploadSampleAsync("hello");

        var run = await workspace.StartAsync();
        var outcome = (await run.ReachAsync("errored")).Attributes["outcome"]!.GetValue<string>();

        Assert.Contains("(from the variable TFC_AWS_RUN_ROLE_ARN)", outcome, StringComparison.Ordinal);
        Assert.DoesNotContain(Accounts.TrustsAnother, outcome + await run.LogAsync("plan"), StringComparison.Ordinal);
    }

    internal static Task<Answer> ChangeAsync(Platform platform, string path, string attributes) => platform.Api.PatchAsync(
        $"{path}/credential-policy", ApiClient.Document("credential-policies", JsonNode.Parse(attributes)!.AsObject()));

    private static async Task<Answer> ReadAsync(Platform platform, string path) => (await platform.Api.GetAsync($"{path}/credential-policy")).Expect(200);
}
