using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

/// <summary>The sample with a configuration for each of two accounts, as it is in the repository.</summary>
public sealed class MultiAccountTests
{
    private const string Network = "arn:aws:iam::123456789012:role/multi-account-network";
    private const string Billing = "arn:aws:iam::111122223333:role/multi-account-billing";

    // The sample reads while it plans; these read the same once more while it is applied, and the files are the apply's then.
    private const string ReadsInTheApply = """
        data "terraform_remote_state" "in_apply" {
          for_each   = { NETWORK = "acme-network/network/terraform.tfstate", BILLING = "acme-billing/budget/terraform.tfstate" }
          backend    = "s3"
          depends_on = [terraform_data.report]
          config = {
            bucket              = split("/", each.value)[0]
            key                 = trimprefix(each.value, "${split("/", each.value)[0]}/")
            region              = var.region
            use_path_style      = true
            shared_config_files = [var.tfc_aws_dynamic_credentials.aliases[each.key].shared_config_file]
          }
        }
        output "in_apply" {
          value = [data.terraform_remote_state.in_apply["NETWORK"].outputs.vpc_id, data.terraform_remote_state.in_apply["BILLING"].outputs.monthly_budget]
        }
        """;

    [Fact]
    public async Task The_sample_reads_each_account_with_a_role_of_its_own_in_both_phases_however_keys_are_delivered()
    {
        await using var platform = await Platform.StartAsync();
        var workspace = await SetUpAsync(platform, Network, Billing);
        await workspace.UploadAsync(Archive.OfSample("multi-account", ("in-apply.tf", ReadsInTheApply)));

        // With several configurations, the endpoint is what stands behind "environment", too.
        foreach (var delivery in new[] { "environment", "web_identity_file" })
        {
            (await platform.Api.PatchAsync($"workspaces/{workspace.Id}/credential-policy", ApiClient.Document(
                "credential-policies", new JsonObject { ["delivery"] = delivery }))).Expect(200);

            var run = await workspace.ApplyAsync(new JsonObject { ["replace-addrs"] = new JsonArray("terraform_data.report") });

            Assert.Equal("\"vpc-0a1b2c3d4e5f60718\"", await workspace.OutputAsync("vpc_id"));
            Assert.Equal("1200", await workspace.OutputAsync("monthly_budget"));
            Assert.Equal("""["vpc-0a1b2c3d4e5f60718",1200]""", await workspace.OutputAsync("in_apply"));
            Assert.Equal(
                [
                    $"acme-billing by arn:aws:sts::111122223333:assumed-role/multi-account-billing/{run.Id}-apply",
                    $"acme-billing by arn:aws:sts::111122223333:assumed-role/multi-account-billing/{run.Id}-plan",
                    $"acme-network by arn:aws:sts::123456789012:assumed-role/multi-account-network/{run.Id}-apply",
                    $"acme-network by arn:aws:sts::123456789012:assumed-role/multi-account-network/{run.Id}-plan",
                ],
                ReadsOf(platform, run));
            await AwsTests.AssertWipedAsync(platform, run);
        }
    }

    [Fact]
    public async Task With_the_roles_exchanged_neither_reads_the_others_account()
    {
        await using var platform = await Platform.StartAsync();
        var workspace = await SetUpAsync(platform, network: Billing, billing: Network);
        await workspace.UploadSampleAsync("multi-account");

        var run = await workspace.StartAsync();
        await run.ReachAsync("errored");

        Assert.Contains("Forbidden", await run.LogAsync("plan"), StringComparison.Ordinal);
        Assert.Empty(ReadsOf(platform, run));
    }

    private static async Task<TestWorkspace> SetUpAsync(Platform platform, string network, string billing)
    {
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme", name: "multi-account");
        await workspace.SetEnvironmentAsync("TFC_AWS_PROVIDER_AUTH_NETWORK", "true");
        await workspace.SetEnvironmentAsync("TFC_AWS_RUN_ROLE_ARN_NETWORK", network);
        await workspace.SetEnvironmentAsync("TFC_AWS_PROVIDER_AUTH_BILLING", "true");
        await workspace.SetEnvironmentAsync("TFC_AWS_RUN_ROLE_ARN_BILLING", billing);
        return workspace;
    }

    private static string[] ReadsOf(Platform platform, TestRun run) =>
    [
        .. platform.Simulator.Activity.Events
            .Where(call => call is { EventName: "GetObject", ErrorCode: null } && call.UserIdentity.Arn?.Contains(run.Id, StringComparison.Ordinal) == true)
            .Select(call => $"{call.RequestParameters["bucketName"]} by {call.UserIdentity.Arn}")
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];
}
