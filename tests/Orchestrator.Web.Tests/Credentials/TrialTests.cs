using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Credentials;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

public sealed class TrialTests
{
    [Theory, EachDatabase]
    public async Task A_trial_says_who_a_run_would_be_and_leaves_nothing_but_its_entry_in_the_ledger(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await SetUpAsync(platform, Accounts.Trusting);

        foreach (var phase in new[] { "plan", "apply" })
        {
            var trial = (await TryAsync(platform, workspace, phase)).Attributes;

            Assert.True(trial["succeeded"]!.GetValue<bool>());
            Assert.EndsWith($":workspace:{workspace.Name}:run_phase:{phase}", trial["subject"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Equal(
                $"arn:aws:sts::123456789012:assumed-role/trusting/trial-{workspace.Id}-{phase}",
                Assert.Single(trial["results"]!.AsArray())!["principal"]!.GetValue<string>());
        }
        await using var db = platform.Open();
        var entries = await db.CredentialGrants.Where(entry => entry.WorkspaceId == new WorkspaceId(workspace.Id)).ToListAsync();
        Assert.Equal(["apply", "plan"], entries.Select(entry => entry.Phase).Order());
        Assert.All(entries, entry => Assert.Null(entry.RunId));
    }

    [Fact]
    public async Task A_refusal_is_told_with_the_condition_that_failed_and_both_values()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, Accounts.TrustsAnother);

        var trial = (await TryAsync(platform, workspace, "plan")).Attributes;

        Assert.False(trial["succeeded"]!.GetValue<bool>());
        var result = Assert.Single(trial["results"]!.AsArray())!;
        Assert.Null(result["principal"]);
        Assert.Contains("AccessDenied", result["refusal"]!.GetValue<string>(), StringComparison.Ordinal);
        var explanation = string.Join('\n', result["explanation"]!.AsArray().Select(line => line!.GetValue<string>()));
        Assert.Contains("organization:acme:project:Default Project:workspace:another:run_phase:plan", explanation, StringComparison.Ordinal);
        Assert.Contains($"organization:acme:project:Default Project:workspace:{workspace.Name}:run_phase:plan", explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_is_nobodys_business_is_not_told_by_a_refusal()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await AwsTests.SetUpAsync(workspace);
        await workspace.SetAsync("TFC_AWS_RUN_ROLE_ARN", Accounts.TrustsAnother, "env", sensitive: true);

        var trial = await TryAsync(platform, workspace, "plan");

        Assert.Contains("AccessDenied", trial.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Accounts.TrustsAnother, trial.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_that_asks_for_nothing_and_one_that_asks_wrongly_are_told_so()
    {
        var platform = await SharedPlatforms.OfAsync();
        var silent = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        Assert.Contains("asks for no credentials", (await TryAsync(platform, silent, "plan")).Attributes["problems"]![0]!.GetValue<string>(), StringComparison.Ordinal);

        var wrong = await SetUpAsync(platform, Accounts.Trusting);
        await wrong.SetEnvironmentAsync("AWS_PROFILE", "mine");
        var trial = (await TryAsync(platform, wrong, "plan")).Attributes;
        Assert.Contains("Remove AWS_PROFILE", trial["problems"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.False(trial["succeeded"]!.GetValue<bool>());
    }

    [Fact]
    public async Task An_organisation_that_wants_ids_in_its_subjects_has_them_in_its_tokens()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting));
        const string Template = "organization_id:{organization_id}:workspace_id:{workspace_id}:run_phase:{run_phase}";
        var path = $"organizations/{workspace.Organization}/credential-policy";
        (await platform.Api.PatchAsync(path, ApiClient.Document("credential-policies", new JsonObject { ["subject-template"] = "x" }))).Expect(422);
        (await platform.Api.PatchAsync(path, ApiClient.Document("credential-policies", new JsonObject { ["subject-template"] = Template }))).Expect(200);
        Assert.Equal(Template, (await platform.Api.GetAsync(path)).Expect(200).Attributes["subject-template"]!.GetValue<string>());

        var subject = (await TryAsync(platform, workspace, "plan")).Attributes["subject"]!.GetValue<string>();

        Assert.Matches($"^organization_id:org-[A-Za-z0-9]{{16}}:workspace_id:{workspace.Id}:run_phase:plan$", subject);
    }

    [Fact]
    public async Task A_phase_that_is_none_and_a_workspace_that_is_not_there_are_refused()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, Accounts.Trusting);

        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/try-credentials", new JsonObject { ["phase"] = "both" })).Expect(400);
        (await platform.Api.PostAsync("workspaces/ws-AAAAAAAAAAAAAAAA/actions/try-credentials", new JsonObject())).Expect(404);
        (await platform.Anonymous.PostAsync($"workspaces/{workspace.Id}/actions/try-credentials", new JsonObject())).Expect(401);
    }

    [Theory]
    [InlineData(Accounts.Trusting, 0, "assumed-role/trusting/trial-")]
    [InlineData(Accounts.TrustsAnother, 1, "AccessDenied")]
    public async Task The_command_tells_the_same(string role, int exit, string told)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, role);
        using var output = new StringWriter();

        var ended = await CredentialsCommand.RunAsync(
            ["try", $"acme/{workspace.Name}", "--server", platform.Address.ToString(), "--Orchestrator:AdminToken", Platform.AdminToken], output, output);

        Assert.Equal(exit, ended);
        Assert.Contains(told, output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"plan as organization:acme:project:Default Project:workspace:{workspace.Name}", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Platform.AdminToken, output.ToString(), StringComparison.Ordinal);
    }

    private static async Task<TestWorkspace> SetUpAsync(Platform platform, string role)
    {
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", role));
        return workspace;
    }

    private static async Task<Answer> TryAsync(Platform platform, TestWorkspace workspace, string phase) =>
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/try-credentials", new JsonObject { ["phase"] = phase })).Expect(200);
}
