using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Aws;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

/// <summary>Each way of delivery, proved by clients that know nothing of this platform: terraform's S3 client, and AWS's own command.</summary>
public sealed class DeliveryTests
{
    private const string Reads = """
        data "terraform_remote_state" "network" {
          backend = "s3"
          config = {
            bucket         = "acme-network"
            key            = "network/terraform.tfstate"
            region         = "eu-central-1"
            use_path_style = true
          }
        }
        output "vpc_id" { value = data.terraform_remote_state.network.outputs.vpc_id }
        """;

    // Each of them reads with what the variable says, and tells which session it was.
    private const string ReadsTagged = """
        variable "tfc_aws_dynamic_credentials" {
          type = object({
            default = object({ shared_config_file = string })
            aliases = map(object({ shared_config_file = string }))
          })
        }
        locals {
          files = merge({ default = var.tfc_aws_dynamic_credentials.default.shared_config_file },
            { for tag, alias in var.tfc_aws_dynamic_credentials.aliases : tag => alias.shared_config_file })
        }
        data "terraform_remote_state" "network" {
          for_each = local.files
          backend  = "s3"
          config = {
            bucket              = "acme-network"
            key                 = "network/terraform.tfstate"
            region              = "eu-central-1"
            use_path_style      = true
            shared_config_files = [each.value]
          }
        }
        output "vpc_ids" { value = { for tag, state in data.terraform_remote_state.network : tag => state.outputs.vpc_id } }
        """;

    private const string WhoAmI = """
        resource "terraform_data" "who" {
          provisioner "local-exec" {
            command = "/usr/bin/aws --endpoint-url $AWS_ENDPOINT_URL_STS sts get-caller-identity --output text"
          }
        }
        """;

    // AWS's own client for Python, in one process, with keys that it renews by itself. It fails when it is refused once.
    private const string AsksUntilItsFirstKeyHasEnded = """
        import os, time
        try:
            from awscli.botocore.session import Session
        except ImportError:
            from botocore.session import Session

        def sts(**keys):
            return Session().create_client("sts", endpoint_url=os.environ["AWS_ENDPOINT_URL_STS"], **keys)

        session = Session()
        client = session.create_client("sts", endpoint_url=os.environ["AWS_ENDPOINT_URL_STS"])
        first = session.get_credentials().get_frozen_credentials()
        old = sts(aws_access_key_id=first.access_key, aws_secret_access_key=first.secret_key, aws_session_token=first.token)
        seen, ended = set(), None
        while len(seen) < 3 or not ended:
            print(client.get_caller_identity()["Arn"])
            seen.add(session.get_credentials().get_frozen_credentials().access_key)
            if not ended and len(seen) > 1:
                try:
                    old.get_caller_identity()
                except old.exceptions.ClientError as refused:
                    ended = refused.response["Error"]["Code"]
                    print("the first key:", ended)
            time.sleep(0.2)
        """;

    [Theory]
    [InlineData(CredentialDelivery.Environment)]
    [InlineData(CredentialDelivery.Endpoint)]
    [InlineData(CredentialDelivery.WebIdentityFile)]
    public async Task Terraforms_own_client_takes_what_is_delivered_in_plan_and_apply(CredentialDelivery delivery)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, policy => policy.Delivery = delivery);
        await workspace.UploadAsync(Reads + """

            resource "terraform_data" "again" {
              input = data.terraform_remote_state.network.outputs.vpc_id
            }
            """);

        var run = await workspace.ApplyAsync();

        Assert.Equal("\"vpc-0a1b2c3d4e5f60718\"", await workspace.OutputAsync("vpc_id"));
        await AwsTests.AssertWipedAsync(platform, run);
    }

    [Theory]
    [InlineData(CredentialDelivery.Environment)]
    [InlineData(CredentialDelivery.Endpoint)]
    public async Task Awss_own_command_takes_what_is_delivered(CredentialDelivery delivery)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, policy => policy.Delivery = delivery);
        await workspace.UploadAsync(WhoAmI);

        var run = await workspace.ApplyAsync();

        Assert.Contains($"assumed-role/trusting/{run.Id}-apply", await run.LogAsync("apply"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Awss_own_command_trades_the_delivered_token_itself()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, policy => policy.Delivery = CredentialDelivery.WebIdentityFile);
        await workspace.UploadAsync("""
            resource "terraform_data" "who" {
              provisioner "local-exec" {
                command = "/usr/bin/aws --endpoint-url $AWS_ENDPOINT_URL_STS sts assume-role-with-web-identity --role-arn $AWS_ROLE_ARN --role-session-name $AWS_ROLE_SESSION_NAME --web-identity-token file://$AWS_WEB_IDENTITY_TOKEN_FILE --query AssumedRoleUser.Arn"
              }
            }
            """);

        var run = await workspace.ApplyAsync();

        Assert.Contains($"assumed-role/trusting/{run.Id}-apply", await run.LogAsync("apply"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(CredentialDelivery.Environment)]
    [InlineData(CredentialDelivery.Endpoint)]
    [InlineData(CredentialDelivery.WebIdentityFile)]
    public async Task Several_configurations_are_each_a_role_of_their_own_in_plan_and_apply(CredentialDelivery delivery)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, policy => policy.Delivery = delivery);
        await workspace.SetEnvironmentAsync("TFC_AWS_PROVIDER_AUTH_SECOND", "true");
        await workspace.SetEnvironmentAsync("TFC_AWS_RUN_ROLE_ARN_SECOND", Accounts.TrustingToo);
        await workspace.UploadAsync(ReadsTagged + (delivery == CredentialDelivery.WebIdentityFile ? "" : """

            resource "terraform_data" "who" {
              for_each = local.files
              provisioner "local-exec" {
                command     = "/usr/bin/aws --endpoint-url $AWS_ENDPOINT_URL_STS sts get-caller-identity --output text"
                environment = { AWS_CONFIG_FILE = each.value }
              }
            }
            """));

        var run = await workspace.ApplyAsync();

        Assert.Contains("SECOND", await workspace.OutputAsync("vpc_ids"), StringComparison.Ordinal);
        if (delivery != CredentialDelivery.WebIdentityFile)
        {
            var log = await run.LogAsync("apply");
            Assert.Contains($"assumed-role/trusting/{run.Id}-apply", log, StringComparison.Ordinal);
            Assert.Contains($"assumed-role/trusting-too/{run.Id}-apply", log, StringComparison.Ordinal);
        }
        await using var db = platform.Open();
        var grants = await db.CredentialGrants.Where(grant => grant.RunId == new RunId(run.Id) && grant.ErrorCode == null).ToListAsync();
        Assert.Equal([null, "SECOND"], grants.Select(grant => grant.Tag).Distinct().Order());
        Assert.All(grants, grant => Assert.Equal(grant.Tag is null ? Accounts.Trusting : Accounts.TrustingToo, grant.Role));
        await AwsTests.AssertWipedAsync(platform, run);
    }

    [Fact]
    public async Task A_long_apply_stays_authorised_by_short_sessions_and_each_key_is_refused_once_it_has_ended()
    {
        await using var platform = await Platform.StartAsync(DatabaseProvider.Sqlite,
            ("Orchestrator:Aws:RenewedSessionDuration", "00:00:06"), ("Orchestrator:AwsSimulator:MinimumSessionDuration", "00:00:01"));
        var workspace = await SetUpAsync(platform, policy => policy.Delivery = CredentialDelivery.Endpoint);
        await workspace.UploadAsync(Archive.Of(
            ("ask.py", AsksUntilItsFirstKeyHasEnded),
            ("main.tf", """
                resource "terraform_data" "long" {
                  provisioner "local-exec" { command = "/usr/bin/python3 -u ask.py" }
                }
                """ + "\n" + Reads.Replace("config = {", "depends_on = [terraform_data.long]\n  config = {", StringComparison.Ordinal))));

        var run = await workspace.ApplyAsync();

        var log = await run.LogAsync("apply");
        Assert.Contains($"assumed-role/trusting/{run.Id}-apply", log, StringComparison.Ordinal);
        Assert.Contains("the first key: ExpiredToken", log, StringComparison.Ordinal);
        Assert.Equal("\"vpc-0a1b2c3d4e5f60718\"", await workspace.OutputAsync("vpc_id"));
        var calls = platform.Simulator.Activity.Events;
        Assert.Equal(["ExpiredToken"], calls.Select(call => call.ErrorCode).OfType<string>());
        var minted = platform.Sts.AllOf(run.Id, "apply");
        string[] used = [.. calls.Where(call => call.EventName == "GetCallerIdentity").Select(call => call.UserIdentity.AccessKeyId).OfType<string>().Distinct()];
        Assert.InRange(used.Length, 3, minted.Count);
        Assert.Empty(used.Except(minted.Select(keys => keys.AccessKeyId)));
        await using var db = platform.Open();
        var entries = await db.CredentialGrants.Where(grant => grant.RunId == new RunId(run.Id) && grant.Phase == "apply").ToListAsync();
        Assert.Equal(minted.Count, entries.Select(entry => entry.TokenId).Distinct().Count());
        Assert.All(entries, entry => Assert.True(entry.ExpiresAt - entry.CreatedAt <= TimeSpan.FromSeconds(6)));
        foreach (var keys in platform.Sts.AllOf(run.Id, "plan").Concat(minted))
        {
            await Wait.ForAsync($"AWS to refuse {keys.AccessKeyId}", async () => await AskWhoAsync(platform, keys) is { } said
                && said.Contains("ExpiredToken", StringComparison.Ordinal) ? said : null);
        }
        await AwsTests.AssertWipedAsync(platform, run);
    }

    [Fact]
    public async Task A_plan_that_may_only_read_cannot_write_even_with_the_applys_role()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, policy => policy.ReadOnlyPlan = true, Accounts.Writing);
        await workspace.UploadAsync(Reads + """

            resource "terraform_data" "write" {
              provisioner "local-exec" {
                command = "echo applied | /usr/bin/aws --endpoint-url $AWS_ENDPOINT_URL_S3 s3 cp - s3://acme-reports/read-only-plan.txt"
              }
            }
            """);

        var run = await workspace.ApplyAsync();

        var sessions = SessionsOf(platform, run);
        Assert.Equal(2, sessions.Length);
        Assert.Contains("ReadOnlyAccess", sessions[0], StringComparison.Ordinal);
        Assert.DoesNotContain("ReadOnlyAccess", sessions[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_is_not_on_the_organisations_list_is_refused_before_any_token_is_made()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, policy => policy.AllowedRoles = ["arn:aws:iam::123456789012:role/orchestrator-*", "210987654321"]);
        await workspace.UploadAsync(Reads);

        var run = await workspace.StartAsync();
        var errored = await run.ReachAsync("errored");

        Assert.Contains($"may not assume {Accounts.Trusting} (from the variable TFC_AWS_RUN_ROLE_ARN)", errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        await using var db = platform.Open();
        Assert.False(await db.CredentialGrants.AnyAsync(grant => grant.RunId == new RunId(run.Id)));
    }

    [Theory]
    [InlineData(SpeculativeCredentials.Allowed, "aws.workload.identity", null)]
    [InlineData(SpeculativeCredentials.SeparateAudience, "aws.workload.identity.speculative", null)]
    [InlineData(SpeculativeCredentials.Refused, null, "This plan gets no cloud credentials: nobody can apply it")]
    public async Task The_policy_says_what_plans_get_that_nobody_can_apply(SpeculativeCredentials speculative, string? audience, string? told)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, policy => policy.Speculative = speculative);
        await workspace.UploadAsync("output \"x\" { value = 1 }");

        var run = await workspace.StartAsync(new System.Text.Json.Nodes.JsonObject { ["plan-only"] = true });
        // The simulator's provider does not know the other audience.
        await run.ReachAsync(audience?.EndsWith("speculative", StringComparison.Ordinal) == true ? "errored" : "planned_and_finished");

        await using var db = platform.Open();
        var grants = await db.CredentialGrants.Where(grant => grant.RunId == new RunId(run.Id)).ToListAsync();
        Assert.Equal(audience is null ? [] : new[] { audience }, grants.Select(grant => grant.Audience));
        Assert.Contains(told ?? "", await run.LogAsync("plan"), StringComparison.Ordinal);
    }

    /// <summary>It can be applied before it is merged, and nobody has agreed to it yet.</summary>
    [Fact]
    public async Task A_saved_plan_of_a_pull_request_gets_what_plans_get_that_nobody_can_apply()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, policy => policy.Speculative = SpeculativeCredentials.Refused);
        var configuration = new ConfigurationVersionId(await workspace.UploadAsync("output \"x\" { value = 1 }"));
        await using var db = platform.Open();
        db.IngressAttributes.Add(new IngressAttributes
        {
            Id = IngressAttributes.IdOf(configuration), ConfigurationVersionId = configuration, ConnectionId = Identifier.New<OAuthClientId>(), Identifier = "acme/network",
            CommitSha = new string('a', 40), PullRequestNumber = 7,
        });
        await db.SaveChangesAsync();

        var run = await workspace.StartAsync(new System.Text.Json.Nodes.JsonObject { ["save-plan"] = true });
        await run.ReachAsync("planned_and_saved");

        Assert.Contains("This plan gets no cloud credentials: it plans a pull request", await run.LogAsync("plan"), StringComparison.Ordinal);
        // Nor is it applied where nobody has said that such plans are.
        Assert.Contains("applies none before it is merged", (await run.ActAsync("apply")).ExpectError(409).Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_of_a_fork_gets_no_credentials()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, _ => { });
        var configuration = await workspace.UploadAsync("output \"x\" { value = 1 }");
        await using var db = platform.Open();
        await db.ConfigurationVersions.Where(version => version.Id == new ConfigurationVersionId(configuration))
            .ExecuteUpdateAsync(set => set.SetProperty(version => version.FromFork, true));

        var run = await workspace.StartAsync(new System.Text.Json.Nodes.JsonObject { ["plan-only"] = true });
        await run.ReachAsync("planned_and_finished");

        Assert.Contains("This plan gets no cloud credentials: its configuration comes from a fork.", await run.LogAsync("plan"), StringComparison.Ordinal);
        Assert.False(await db.CredentialGrants.AnyAsync(grant => grant.RunId == new RunId(run.Id)));
    }

    [Fact]
    public async Task Session_tags_and_the_one_who_confirmed_reach_aws()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await SetUpAsync(platform, policy => policy.SessionTags = true, Accounts.TrustingTags);
        await workspace.UploadAsync(Reads);

        var run = await workspace.ApplyAsync();

        Assert.All(SessionsOf(platform, run), session =>
        {
            Assert.Contains(workspace.Id, session, StringComparison.Ordinal);
            Assert.Contains("\"admin\"", session, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_token_for_an_audience_of_ones_own_is_in_the_environment_and_not_in_the_log()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await workspace.SetEnvironmentAsync("TFC_WORKLOAD_IDENTITY_AUDIENCE", "https://mine.example");
        await workspace.SetEnvironmentAsync("TFC_WORKLOAD_IDENTITY_AUDIENCE_OTHER", "other");
        await workspace.UploadAsync("""
            resource "terraform_data" "token" {
              provisioner "local-exec" {
                command = "echo $TFC_WORKLOAD_IDENTITY_TOKEN; echo $TFC_WORKLOAD_IDENTITY_TOKEN_OTHER; echo $TFC_WORKLOAD_IDENTITY_TOKEN | cut -d. -f2 | wc -c; echo \"run $TFC_RUN_ID in $TF_VAR_TFC_WORKSPACE_NAME\""
              }
            }
            """);

        var run = await workspace.ApplyAsync();

        var log = await run.LogAsync("apply");
        Assert.Contains("***", log, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", log, StringComparison.Ordinal);
        Assert.Contains($"run {run.Id} in {workspace.Name}", log, StringComparison.Ordinal);
        await using var db = platform.Open();
        var grants = await db.CredentialGrants.Where(grant => grant.RunId == new RunId(run.Id) && grant.Phase == "apply").ToListAsync();
        Assert.Equal([("https://mine.example", null), ("other", "OTHER")], grants.Select(grant => (grant.Audience, grant.Tag)).Order());
        Assert.All(grants, grant => Assert.Equal(TimeSpan.FromHours(24), grant.TokenExpiresAt - grant.TokenIssuedAt));
    }

    internal static async Task<TestWorkspace> SetUpAsync(Platform platform, Action<CredentialPolicy> with, string role = Accounts.Trusting)
    {
        var workspace = await TestWorkspace.CreateAsync(platform.Api, organization: "acme");
        await AwsTests.SetUpAsync(workspace, ("TFC_AWS_RUN_ROLE_ARN", role));
        var policy = new CredentialPolicy { Id = Identifier.New<CredentialPolicyId>(), WorkspaceId = new WorkspaceId(workspace.Id) };
        with(policy);
        await using var db = platform.Open();
        db.Add(policy);
        await db.SaveChangesAsync();
        return workspace;
    }

    /// <returns>Whom AWS takes the keys for, or what it says instead.</returns>
    private static async Task<string?> AskWhoAsync(Platform platform, MintedSecrets keys)
    {
        var session = new AwsSession(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken, DateTimeOffset.MaxValue, "", null);
        var (principal, problem) = await platform.Get<AwsCredentialExchange>().AskWhoAsync(session, region: null, CancellationToken.None);
        return principal ?? problem;
    }

    /// <summary>What the simulator wrote down about the sessions of a run, oldest first.</summary>
    private static string[] SessionsOf(Platform platform, TestRun run) =>
        [.. platform.Simulator.Activity.Events
            .Where(happened => happened is { EventName: "AssumeRoleWithWebIdentity", ErrorCode: null })
            .Select(happened => System.Text.Json.JsonSerializer.Serialize(happened))
            .Where(happened => happened.Contains(run.Id, StringComparison.Ordinal))];
}
