using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

public sealed class AwsTests
{
    [Theory, EachDatabase]
    public async Task The_remote_state_sample_is_applied_with_a_role_for_each_phase(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme", name: "aws-remote-state");
        await SetUpAsync(workspace, ("TFC_AWS_PLAN_ROLE_ARN", Accounts.Plan), ("TFC_AWS_APPLY_ROLE_ARN", Accounts.Apply));
        await workspace.UploadSampleAsync("aws-remote-state");

        var run = await workspace.ApplyAsync();

        Assert.Equal("\"vpc-0a1b2c3d4e5f60718\"", await workspace.OutputAsync("vpc_id"));
        await using var db = platform.Open();
        var grants = await db.CredentialGrants.Where(grant => grant.RunId == new RunId(run.Id)).OrderByDescending(grant => grant.Phase).ToListAsync();
        Assert.Equal([Accounts.Plan, Accounts.Apply], grants.Select(grant => grant.Role));
        Assert.Equal([$"{run.Id}-plan", $"{run.Id}-apply"], grants.Select(grant => grant.SessionName));
        Assert.Equal(
            ["organization:acme:project:Default Project:workspace:aws-remote-state:run_phase:plan",
             "organization:acme:project:Default Project:workspace:aws-remote-state:run_phase:apply"],
            grants.Select(grant => grant.Subject));
        Assert.All(grants, grant => Assert.Null(grant.ErrorCode));
        Assert.All(grants, grant => Assert.StartsWith("arn:aws:sts::123456789012:assumed-role/orchestrator-", grant.Principal, StringComparison.Ordinal));
        Assert.All(grants, grant => Assert.StartsWith("ASIA", grant.AccessKeyId, StringComparison.Ordinal));
        Assert.Equal(2, grants.Select(grant => grant.TokenId).Distinct().Count());
        Assert.All(grants, grant => Assert.Contains(
            platform.Simulator.Activity.Events, happened => happened.AdditionalEventData.GetValueOrDefault("jti") == grant.TokenId));

        // Other tests' runs write into the bucket, too.
        var written = platform.Simulator.Activity.Events.Where(happened => happened is { EventName: "PutObject", ErrorCode: null }
            && happened.RequestParameters.Values.Any(value => value?.StartsWith("reports/network", StringComparison.Ordinal) == true)).ToArray();
        Assert.Contains(written, happened => happened.RequestParameters.Values.Contains("reports/network.tfstate"));
        Assert.All(written, happened => Assert.Equal(grants[1].AccessKeyId, happened.UserIdentity.AccessKeyId));
        await AssertWipedAsync(platform, run);
    }

    [Theory]
    [InlineData(Accounts.TrustsAnother, null, "AccessDenied", "its trust policy allows sts:AssumeRoleWithWebIdentity for exactly this subject")]
    [InlineData("arn:aws:iam::123456789012:role/nobody", null, "AccessDenied", "the role exists")]
    [InlineData(Accounts.Trusting, "somebody.else", "InvalidIdentityToken", "'somebody.else' is among the client ids")]
    [InlineData(Accounts.InAnotherAccount, null, "InvalidIdentityToken", "the account 210987654321 has an IAM OIDC provider")]
    public async Task When_aws_refuses_the_run_says_who_asked_for_what_and_what_to_check(string role, string? audience, string code, string advice)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", role), ("TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE", audience ?? ""));
        await workspace.UploadSampleAsync("hello");

        var run = await workspace.StartAsync();
        var errored = await run.ReachAsync("errored");

        foreach (var told in new[] { await run.LogAsync("plan"), errored.Attributes["outcome"]!.GetValue<string>() })
        {
            Assert.Contains($"assume {role} (from the variable TFC_AWS_RUN_ROLE_ARN)", told, StringComparison.Ordinal);
            Assert.Contains($"organization:acme:project:Default Project:workspace:{workspace.Name}:run_phase:plan", told, StringComparison.Ordinal);
            Assert.Contains(audience ?? "aws.workload.identity", told, StringComparison.Ordinal);
            Assert.Contains(code, told, StringComparison.Ordinal);
            Assert.Contains(advice, told, StringComparison.Ordinal);
        }
        await using var db = platform.Open();
        var grant = Assert.Single(await db.CredentialGrants.Where(grant => grant.RunId == new RunId(run.Id)).ToListAsync());
        Assert.StartsWith(code, grant.ErrorCode, StringComparison.Ordinal);
        Assert.Null(grant.AccessKeyId);
        await AssertWipedAsync(platform, run);
    }

    [Theory]
    [InlineData("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", "Remove AWS_ACCESS_KEY_ID")]
    [InlineData("TFC_AWS_APPLY_ROLE_ARN", Accounts.Apply, "no role is set for the plan phase")]
    public async Task A_workspace_that_cannot_get_credentials_says_what_to_change(string key, string value, string advice)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await SetUpAsync(workspace, (key, value));
        if (key == "AWS_ACCESS_KEY_ID")
        {
            await workspace.SetEnvironmentAsync("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting);
        }
        await workspace.UploadSampleAsync("hello");

        var run = await workspace.StartAsync();
        var errored = await run.ReachAsync("errored");

        Assert.Contains(advice, errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains(advice, await run.LogAsync("plan"), StringComparison.Ordinal);
        await using var db = platform.Open();
        Assert.Empty(await db.CredentialGrants.Where(grant => grant.RunId == new RunId(run.Id)).ToListAsync());
    }

    [Fact]
    public async Task A_role_without_its_switch_is_told_in_the_log_of_a_run_that_goes_on()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await workspace.SetEnvironmentAsync("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting);
        await workspace.UploadAsync("output \"x\" { value = 1 }");

        var run = await workspace.ApplyAsync();

        Assert.Contains("Warning: TFC_AWS_RUN_ROLE_ARN has no effect, because TFC_AWS_PROVIDER_AUTH is not 'true'.", await run.LogAsync("plan"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plans_role_cannot_do_the_applys_work()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        // May read only.
        await SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", Accounts.Trusting));
        await workspace.UploadSampleAsync("aws-remote-state");

        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        await run.ReachAsync("errored");

        Assert.Equal("finished", (await run.PlanAsync()).Attributes["status"]!.GetValue<string>());
        Assert.Contains("AccessDenied", await run.LogAsync("apply"), StringComparison.Ordinal);
        await AssertWipedAsync(platform, run);
    }

    internal static async Task SetUpAsync(TestWorkspace workspace, params (string Key, string Value)[] variables)
    {
        await workspace.SetEnvironmentAsync("TFC_AWS_PROVIDER_AUTH", "true");
        await workspace.SetEnvironmentAsync("AWS_REGION", "eu-central-1");
        foreach (var (key, value) in variables)
        {
            await workspace.SetEnvironmentAsync(key, value);
        }
    }

    /// <summary>No process and no directory of the run is left, and no token opens anything.</summary>
    internal static async Task AssertWipedAsync(Platform platform, TestRun run)
    {
        await using var db = platform.Open();
        Assert.Empty(Orchestrator.Terraform.ProcessTree.Find(run.Id));
        Assert.False(Directory.Exists(Path.Combine(platform.DirectoryPath, "runs", run.Id)));
        Assert.False(await db.RunTokens.AnyAsync(token => token.RunId == new RunId(run.Id) && token.RevokedAt == null));
        var plan = await db.Plans.AsNoTracking().FirstAsync(plan => plan.RunId == new RunId(run.Id));
        Assert.True(Orchestrator.Runs.WipeReceipt.Parse(plan.WipeReceiptJson)!.IsClean);
        var apply = await db.Applies.AsNoTracking().FirstAsync(apply => apply.RunId == new RunId(run.Id));
        Assert.True(Orchestrator.Runs.WipeReceipt.Parse(apply.WipeReceiptJson)?.IsClean ?? true);
    }
}
