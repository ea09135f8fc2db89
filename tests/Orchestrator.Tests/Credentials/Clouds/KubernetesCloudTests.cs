using System.Net.Http.Headers;
using Microsoft.IdentityModel.JsonWebTokens;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Kubernetes;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Credentials.Clouds;

public sealed class KubernetesCloudTests(PlannedRun run) : IClassFixture<PlannedRun>
{
    [Fact]
    public async Task A_cluster_accepts_the_token_that_the_single_configuration_finds_in_its_environment()
    {
        await using var cluster = new KubernetesStandIn(run.Party("kubernetes"));
        await using var phase = run.Begin();
        await phase.DeliverAsync(
            new KubernetesCloud(), ("TFC_KUBERNETES_PROVIDER_AUTH", "true"), ("TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE", "kubernetes"));

        var token = phase.Environment["KUBE_TOKEN"];

        Assert.Equal(200, await AskAsync(cluster, token));
        Assert.Equal(token, phase.Read(phase.Told("kubernetes", null, "token_path")));
        Assert.Equal([token], phase.Secrets);
        var entry = Assert.Single(await phase.LedgerAsync());
        Assert.Equal(("kubernetes", null, "kubernetes"), (entry.Provider, entry.Role, entry.Audience));
        // It is shown with every request, and nobody reads it anew.
        Assert.Equal(PhaseWithClouds.TimeLimit, new JsonWebToken(token).ValidTo - new JsonWebToken(token).IssuedAt);
    }

    [Fact]
    public async Task Several_configurations_have_a_file_each()
    {
        await using var cluster = new KubernetesStandIn(run.Party("second"));
        await using var phase = run.Begin();
        await phase.DeliverAsync(
            new KubernetesCloud(), ("TFC_KUBERNETES_PROVIDER_AUTH", "true"), ("TFC_KUBERNETES_PROVIDER_AUTH_B", "true"),
            ("TFC_DEFAULT_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE", "first"), ("TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE_B", "second"));

        Assert.False(phase.Environment.ContainsKey("KUBE_TOKEN"));
        Assert.Equal(200, await AskAsync(cluster, phase.Read(phase.Told("kubernetes", "B", "token_path"))));
        Assert.Equal(401, await AskAsync(cluster, phase.Read(phase.Told("kubernetes", null, "token_path"))));
    }

    [Fact]
    public async Task A_plan_that_nobody_can_apply_has_an_audience_of_its_own_where_the_policy_says_so()
    {
        await using var cluster = new KubernetesStandIn(run.Party("kubernetes.speculative"));
        await using var phase = run.Begin(speculative: SpeculativeCredentials.SeparateAudience);
        await phase.DeliverAsync(
            new KubernetesCloud(), ("TFC_KUBERNETES_PROVIDER_AUTH", "true"), ("TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE", "kubernetes"));

        Assert.Equal(200, await AskAsync(cluster, phase.Environment["KUBE_TOKEN"]));
    }

    [Fact]
    public async Task A_cluster_refuses_the_token_once_it_has_expired_and_an_altered_one_at_once()
    {
        await using var cluster = new KubernetesStandIn(run.Party("kubernetes"));
        await using var phase = run.Begin();
        await phase.DeliverAsync(
            new KubernetesCloud(), ("TFC_KUBERNETES_PROVIDER_AUTH", "true"), ("TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE", "kubernetes"));
        var token = phase.Environment["KUBE_TOKEN"];

        Assert.Equal(401, await AskAsync(cluster, token[..^6] + "AAAAAA"));
        run.Installation.Clock.Advance(PhaseWithClouds.TimeLimit + TimeSpan.FromMinutes(2));
        Assert.Equal(401, await AskAsync(cluster, token));
    }

    [Fact]
    public async Task A_plan_that_can_only_read_needs_a_subject_of_its_own()
    {
        (string, string)[] variables = [("TFC_KUBERNETES_PROVIDER_AUTH", "true"), ("TFC_KUBERNETES_WORKLOAD_IDENTITY_AUDIENCE", "kubernetes")];
        await using var phase = run.Begin(readOnlyPlan: true);
        await phase.DeliverAsync(new KubernetesCloud(), variables);
        Assert.NotEmpty(phase.Environment["KUBE_TOKEN"]);

        await using var shared = run.Begin(readOnlyPlan: true, subjects: "organization:{organization_name}:workspace:{workspace_name}");
        var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => shared.DeliverAsync(new KubernetesCloud(), variables));
        Assert.Contains("Put {run_phase} into the organisation's subject template", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<int> AskAsync(StandIn cluster, string token)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.GetAsync(new Uri(cluster.Address + KubernetesStandIn.SecretsPath));
        return (int)answer.StatusCode;
    }
}
