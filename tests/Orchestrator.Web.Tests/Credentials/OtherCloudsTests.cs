using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Credentials.Gcp;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Credentials;

/// <summary>Real runs with what Azure, Google, Vault and Kubernetes get. Each stand-in fetches the platform's keys over HTTP and trusts
/// nothing else. Where terraform has a client of its own, that client is who asks.</summary>
public sealed class OtherCloudsTests : IDisposable
{
    private const string GoogleAudience = "//iam.googleapis.com/" + GoogleStandIn.Provider;

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Terraforms_kubernetes_client_reads_with_the_runs_token_in_plan_and_apply()
    {
        var (platform, workspace) = await BeginAsync();
        var party = Party(platform, workspace, "kubernetes");
        await using var cluster = new KubernetesStandIn(party);
        await SetAsync(
            workspace, ("TFC_KUBERNETES_PROVIDER_AUTH", "true"), ("TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE", "kubernetes"), ("KUBE_CONFIG_PATH", "cluster.json"));
        await workspace.UploadAsync(Archive.Of(
            ("main.tf", Reads("kubernetes", """{ secret_suffix = "network" }""") + Shows("kubernetes", "token_path", "$KUBE_TOKEN")),
            // Where the cluster is, and nobody's credentials.
            ("cluster.json", $$"""
                {
                  "apiVersion": "v1", "kind": "Config", "current-context": "one", "users": [],
                  "contexts": [{ "name": "one", "context": { "cluster": "one", "user": "" } }],
                  "clusters": [{ "name": "one", "cluster": { "server": "{{cluster.Address}}" } }]
                }
                """)));

        var run = await workspace.ApplyAsync();

        Assert.Equal("[\"vpc-k8s\",\"vpc-k8s\"]", await workspace.OutputAsync("vpcs"));
        await AssertDeliveredAsync(platform, run, party, "kubernetes", role: null);
    }

    [Fact]
    public async Task Terraforms_google_client_becomes_the_service_account_in_plan_and_apply()
    {
        var (platform, workspace) = await BeginAsync();
        var party = Party(platform, workspace, GoogleAudience);
        await using var google = new GoogleStandIn(party);
        Point(platform, google);
        await SetAsync(
            workspace, ("TFC_GCP_PROVIDER_AUTH", "true"), ("TFC_GCP_WORKLOAD_PROVIDER_NAME", GoogleStandIn.Provider),
            ("TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL", GoogleStandIn.ServiceAccount));
        await workspace.UploadAsync(
            Reads("gcs", $$"""{ bucket = "acme", prefix = "network", storage_custom_endpoint = "{{google.Address}}/storage/v1/b" }""")
            + Shows("gcp", "credentials", "$(cat $(dirname $GOOGLE_APPLICATION_CREDENTIALS)/default.token)"));

        var run = await workspace.ApplyAsync();

        Assert.Equal("[\"vpc-gcp\",\"vpc-gcp\"]", await workspace.OutputAsync("vpcs"));
        await AssertDeliveredAsync(platform, run, party, "gcp", GoogleStandIn.ServiceAccount);
    }

    [Fact]
    public async Task Entra_gives_a_token_to_a_program_of_the_run()
    {
        var (platform, workspace) = await BeginAsync();
        var party = Party(platform, workspace, "api://AzureADTokenExchange");
        await using var entra = new EntraStandIn(party);
        await SetAsync(workspace, ("TFC_AZURE_PROVIDER_AUTH", "true"), ("TFC_AZURE_RUN_CLIENT_ID", EntraStandIn.ClientId));
        await workspace.UploadAsync(
            Asks(entra, "POST", EntraStandIn.TokenPath, body: EntraStandIn.Request("$ARM_CLIENT_ID", "$(cat $ARM_OIDC_TOKEN_FILE_PATH)"))
            + Shows("azure", "oidc_token_file_path", "$(cat $ARM_OIDC_TOKEN_FILE_PATH)"));

        var run = await workspace.ApplyAsync();

        Assert.Contains("answer HTTP/1.1 200", await run.LogAsync("apply"), StringComparison.Ordinal);
        await AssertDeliveredAsync(platform, run, party, "azure", EntraStandIn.ClientId, accepted: 1);
    }

    [Fact]
    public async Task Vaults_token_is_good_while_the_run_lasts_and_for_nothing_afterwards()
    {
        var (platform, workspace) = await BeginAsync();
        var party = Party(platform, workspace, "vault.workload.identity");
        await using var vault = new VaultStandIn(party, TimeProvider.System) { Namespace = "admin" };
        await SetAsync(
            workspace, ("TFC_VAULT_PROVIDER_AUTH", "true"), ("TFC_VAULT_ADDR", vault.Address), ("TFC_VAULT_RUN_ROLE", "deploy"), ("TFC_VAULT_NAMESPACE", "admin"));
        await workspace.UploadAsync(
            Asks(vault, "GET", "/v1/auth/token/lookup-self", headers: @"X-Vault-Namespace: $VAULT_NAMESPACE\r\nX-Vault-Token: $VAULT_TOKEN\r\n")
            + Shows("vault", "token_filename", "$VAULT_TOKEN"));

        var run = await workspace.ApplyAsync();

        var log = await run.LogAsync("apply");
        Assert.Contains("answer HTTP/1.1 200", log, StringComparison.Ordinal);
        Assert.Equal(2, vault.Given.Distinct().Count());
        Assert.All(vault.Given, token => Assert.False(vault.IsAlive(token)));
        Assert.All(vault.Given, token => Assert.DoesNotContain(token, log, StringComparison.Ordinal));
        await AssertDeliveredAsync(platform, run, party, "vault", "deploy");
    }

    [Fact]
    public async Task When_vault_refuses_the_run_says_who_asked_for_what_and_what_to_check()
    {
        var (platform, workspace) = await BeginAsync();
        await using var vault = new VaultStandIn(Party(platform, workspace, "another"), TimeProvider.System);
        await SetAsync(workspace, ("TFC_VAULT_PROVIDER_AUTH", "true"), ("TFC_VAULT_ADDR", vault.Address), ("TFC_VAULT_RUN_ROLE", "deploy"));
        await workspace.UploadSampleAsync("hello");

        var run = await workspace.StartAsync();
        var errored = await run.ReachAsync("errored");

        foreach (var told in new[] { await run.LogAsync("plan"), errored.Attributes["outcome"]!.GetValue<string>() })
        {
            Assert.Contains("Vault did not let this run log in as deploy (from the variable TFC_VAULT_RUN_ROLE).", told, StringComparison.Ordinal);
            Assert.Contains($"workspace:{workspace.Name}:run_phase:plan", told, StringComparison.Ordinal);
            Assert.Contains("'vault.workload.identity' is among the role's bound_audiences", told, StringComparison.Ordinal);
        }
        await AwsTests.AssertWipedAsync(platform, run);
    }

    [Fact]
    public async Task A_trial_gets_a_token_of_vault_and_gives_it_back()
    {
        var (platform, workspace) = await BeginAsync();
        await using var vault = new VaultStandIn(Party(platform, workspace, "vault.workload.identity"), TimeProvider.System);
        await SetAsync(workspace, ("TFC_VAULT_PROVIDER_AUTH", "true"), ("TFC_VAULT_ADDR", vault.Address), ("TFC_VAULT_RUN_ROLE", "deploy"));

        var trial = (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/try-credentials", new JsonObject { ["phase"] = "apply" })).Expect(200);

        Assert.True(trial.Attributes["succeeded"]!.GetValue<bool>());
        Assert.False(vault.IsAlive(Assert.Single(vault.Given)));
    }

    [Fact]
    public async Task What_vault_does_not_take_back_is_told_by_the_receipt()
    {
        var (platform, workspace) = await BeginAsync();
        await using var vault = new VaultStandIn(Party(platform, workspace, "vault.workload.identity"), TimeProvider.System) { Revokes = false };
        await SetAsync(workspace, ("TFC_VAULT_PROVIDER_AUTH", "true"), ("TFC_VAULT_ADDR", vault.Address), ("TFC_VAULT_RUN_ROLE", "deploy"));
        await workspace.UploadSampleAsync("hello");

        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");

        await using var db = platform.Open();
        var plan = await db.Plans.AsNoTracking().FirstAsync(plan => plan.RunId == new RunId(run.Id));
        var receipt = WipeReceipt.Parse(plan.WipeReceiptJson)!;
        Assert.False(receipt.IsClean);
        Assert.Contains("did not take back the token of 'deploy'", Assert.Single(receipt.StillValid), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_clouds_further_configurations_are_told_by_a_variable_in_plan_and_apply()
    {
        var (platform, workspace) = await BeginAsync();
        var party = Party(platform, workspace, "vault.workload.identity");
        await using var vault = new VaultStandIn(party, TimeProvider.System);
        await SetAsync(
            workspace,
            ("TFC_AZURE_PROVIDER_AUTH_B", "true"), ("TFC_DEFAULT_AZURE_RUN_CLIENT_ID", EntraStandIn.ClientId),
            ("TFC_GCP_PROVIDER_AUTH_B", "true"), ("TFC_GCP_PRINCIPAL_TYPE_B", "workload_pool"), ("TFC_DEFAULT_GCP_WORKLOAD_PROVIDER_NAME", GoogleStandIn.Provider),
            ("TFC_VAULT_PROVIDER_AUTH_B", "true"), ("TFC_VAULT_ADDR_B", vault.Address), ("TFC_VAULT_PLAN_ROLE_B", "deploy"), ("TFC_VAULT_APPLY_ROLE_B", "deploy"),
            ("TFC_KUBERNETES_PROVIDER_AUTH_B", "true"), ("TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE_B", "kubernetes"));
        await workspace.UploadAsync("""
            variable "tfc_azure_dynamic_credentials" {
              type = object({ default = any, aliases = map(object({ client_id_file_path = string, oidc_token_file_path = string })) })
            }
            variable "tfc_gcp_dynamic_credentials" {
              type = object({ default = any, aliases = map(object({ credentials = string })) })
            }
            variable "tfc_vault_dynamic_credentials" {
              type = object({ default = any, aliases = map(object({ token_filename = string, address = string, namespace = string, ca_cert_file = string })) })
            }
            variable "tfc_kubernetes_dynamic_credentials" {
              type = object({ default = any, aliases = map(object({ token_path = string })) })
            }
            locals {
              files = [
                var.tfc_azure_dynamic_credentials.aliases["B"].client_id_file_path, var.tfc_azure_dynamic_credentials.aliases["B"].oidc_token_file_path,
                var.tfc_gcp_dynamic_credentials.aliases["B"].credentials, var.tfc_vault_dynamic_credentials.aliases["B"].token_filename,
                var.tfc_kubernetes_dynamic_credentials.aliases["B"].token_path,
              ]
            }
            check "plan" {
              assert {
                condition     = alltrue([for file in local.files : fileexists(file)])
                error_message = "A file is missing."
              }
            }
            resource "terraform_data" "apply" {
              provisioner "local-exec" {
                command = join(" && ", concat([for file in local.files : "test -s ${file}"], ["echo all are there"]))
              }
            }
            """);

        var run = await workspace.ApplyAsync();

        Assert.DoesNotContain("A file is missing", await run.LogAsync("plan"), StringComparison.Ordinal);
        Assert.Contains("all are there", await run.LogAsync("apply"), StringComparison.Ordinal);
        await using var db = platform.Open();
        var grants = await db.CredentialGrants.Where(grant => grant.RunId == new RunId(run.Id)).ToListAsync();
        Assert.Equal(
            ["azure", "gcp", "kubernetes", "vault"], grants.Where(grant => grant is { Tag: "B", Phase: "apply" }).Select(grant => grant.Provider).Order());
        await AwsTests.AssertWipedAsync(platform, run);
    }

    private static async Task<(Platform Platform, TestWorkspace Workspace)> BeginAsync()
    {
        var platform = await SharedPlatforms.OfAsync();
        return (platform, await TestWorkspace.CreateAsync(platform.Api));
    }

    private static async Task SetAsync(TestWorkspace workspace, params (string Key, string Value)[] variables)
    {
        foreach (var (key, value) in variables)
        {
            await workspace.SetEnvironmentAsync(key, value);
        }
    }

    private static void Point(Platform platform, StandIn google)
    {
        var options = platform.Get<IOptions<GcpOptions>>().Value;
        (options.StsEndpoint, options.IamCredentialsEndpoint) = (google.Address, google.Address);
    }

    /// <summary>Somebody who trusts both phases of the workspace's runs.</summary>
    private RelyingParty Party(Platform platform, TestWorkspace workspace, string audience) => new(
        platform.Address.GetLeftPart(UriPartial.Authority), url => _http.GetStringAsync(new Uri(url)), TimeProvider.System)
    {
        Audience = audience,
        Trusts = subject => subject.StartsWith(
            $"organization:{workspace.Organization}:project:Default Project:workspace:{workspace.Name}:run_phase:", StringComparison.Ordinal),
    };

    /// <summary>A state that is read in the plan, and once more in the apply.</summary>
    private static string Reads(string backend, string config) => $$"""
        data "terraform_remote_state" "plan" {
          backend = "{{backend}}"
          config  = {{config}}
        }
        resource "terraform_data" "first" {}
        data "terraform_remote_state" "apply" {
          backend    = "{{backend}}"
          config     = {{config}}
          depends_on = [terraform_data.first]
        }
        output "vpcs" { value = [data.terraform_remote_state.plan.outputs.vpc, data.terraform_remote_state.apply.outputs.vpc] }

        """;

    /// <summary>The variable's file is there, and the secret does not reach the log.</summary>
    private static string Shows(string cloud, string field, string secret) => $$"""
        variable "tfc_{{cloud}}_dynamic_credentials" { type = any }
        resource "terraform_data" "shows" {
          provisioner "local-exec" {
            command = "test -s ${var.tfc_{{cloud}}_dynamic_credentials.default.{{field}}} && echo \"it is {{secret}}\""
          }
        }

        """;

    /// <summary>A request by bash alone: nothing else is there for certain.</summary>
    private static string Asks(StandIn standIn, string method, string path, string headers = "", string body = "") => $$"""
        resource "terraform_data" "asks" {
          provisioner "local-exec" {
            interpreter = ["/bin/bash", "-c"]
            command     = <<-EOT
              body="{{body}}"
              exec 3<>/dev/tcp/127.0.0.1/{{new Uri(standIn.Address).Port}}
              printf "{{method}} {{path}} HTTP/1.1\r\nHost: 127.0.0.1\r\n{{headers}}Content-Length: $${#body}\r\nConnection: close\r\n\r\n" >&3
              printf '%s' "$body" >&3
              read -r answer <&3; echo "answer $answer"
            EOT
          }
        }

        """;

    private static async Task AssertDeliveredAsync(
        Platform platform, TestRun run, RelyingParty party, string provider, string? role, int accepted = 2)
    {
        await using var db = platform.Open();
        var grants = await db.CredentialGrants.Where(grant => grant.RunId == new RunId(run.Id)).OrderByDescending(grant => grant.Phase).ToListAsync();
        Assert.Equal([("plan", provider, role, null), ("apply", provider, role, null)], grants.Select(grant => (grant.Phase, grant.Provider, grant.Role, grant.ErrorCode)));
        // Whatever was accepted is one of the two, and the apply's at least was.
        var shown = party.Accepted.DistinctBy(token => token.Id).ToArray();
        Assert.Equal(accepted, shown.Length);
        Assert.All(shown, token => Assert.Contains(grants, grant => grant.TokenId == token.Id));
        Assert.Contains(shown, token => token.Subject.EndsWith(":apply", StringComparison.Ordinal));

        var log = await run.LogAsync("apply");
        Assert.Contains("it is ***", log, StringComparison.Ordinal);
        Assert.All(shown, token => Assert.DoesNotContain(token.EncodedSignature, log, StringComparison.Ordinal));
        await AwsTests.AssertWipedAsync(platform, run);
    }
}
