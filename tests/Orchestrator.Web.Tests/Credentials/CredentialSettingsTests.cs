using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

public sealed class CredentialSettingsTests
{
    [Theory, EachDatabase]
    public async Task The_document_says_which_value_won_and_why(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await AwsTests.SetUpAsync(
            workspace, ("TFC_AWS_PLAN_ROLE_ARN", Accounts.Plan), ("TFC_DEFAULT_AWS_RUN_ROLE_ARN", Accounts.Trusting), ("TFC_AWS_PROVIDER_AUTH_B", "true"));
        await workspace.SetAsync("TFC_AWS_APPLY_ROLE_ARN", Accounts.Apply, "env", sensitive: true);
        await CredentialPolicyTests.ChangeAsync(platform, $"workspaces/{workspace.Id}", $$"""{"allowed-roles":["{{Accounts.Plan}}","{{Accounts.Trusting}}"]}""");

        var answer = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/credential-settings")).Expect(200);

        CommittedDocument.Compare("credential-settings", answer.Json, new Dictionary<string, string>());
        Assert.DoesNotContain(Accounts.Apply, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Warnings_and_problems_are_told_and_a_quiet_workspace_has_none()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var path = $"workspaces/{workspace.Id}/credential-settings";
        Assert.Empty((await platform.Api.GetAsync(path)).Expect(200).Attributes["clouds"]!.AsArray());

        await workspace.SetEnvironmentAsync("TFC_AWS_RUN_ROLE_ARN", Accounts.Plan);
        var warned = (await platform.Api.GetAsync(path)).Expect(200).Attributes["clouds"]![0]!["phases"]!.AsArray();
        Assert.All(warned, phase => Assert.Contains("has no effect", phase!["warnings"]![0]!.GetValue<string>(), StringComparison.Ordinal));

        await workspace.SetEnvironmentAsync("TFC_AWS_PROVIDER_AUTH", "true");
        await workspace.SetEnvironmentAsync("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE");
        var troubled = (await platform.Api.GetAsync(path)).Expect(200).Attributes["clouds"]![0]!["phases"]!.AsArray();
        Assert.All(troubled, phase => Assert.Contains("Remove AWS_ACCESS_KEY_ID", phase!["problems"]![0]!.GetValue<string>(), StringComparison.Ordinal));

        (await platform.Api.GetAsync("workspaces/ws-0000000000000000/credential-settings")).ExpectError(404);
    }
}
