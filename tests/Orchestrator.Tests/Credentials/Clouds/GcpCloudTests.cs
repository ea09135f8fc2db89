using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Gcp;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Credentials.Clouds;

public sealed class GcpCloudTests(PlannedRun run) : IClassFixture<PlannedRun>
{
    private const string Audience = "//iam.googleapis.com/" + GoogleStandIn.Provider;

    private static readonly (string, string)[] AsServiceAccount =
    [
        ("TFC_GCP_PROVIDER_AUTH", "true"), ("TFC_GCP_WORKLOAD_PROVIDER_NAME", GoogleStandIn.Provider),
        ("TFC_GCP_RUN_SERVICE_ACCOUNT_EMAIL", GoogleStandIn.ServiceAccount),
    ];

    [Fact]
    public async Task A_client_becomes_the_service_account_with_nothing_but_the_file()
    {
        await using var google = new GoogleStandIn(run.Party(Audience));
        await using var phase = run.Begin();
        await phase.DeliverAsync(Cloud(google), AsServiceAccount);

        Assert.Equal("service-account-token", await LogInAsync(phase, phase.Environment["GOOGLE_APPLICATION_CREDENTIALS"]));
        Assert.Equal(phase.Environment["GOOGLE_APPLICATION_CREDENTIALS"], phase.Told("gcp", null, "credentials"));
        var entry = Assert.Single(await phase.LedgerAsync());
        Assert.Equal(("gcp", GoogleStandIn.ServiceAccount, Audience), (entry.Provider, entry.Role, entry.Audience));
        Assert.Single(phase.Secrets);
    }

    [Fact]
    public async Task A_client_stays_the_pools_principal_where_that_is_wanted()
    {
        await using var google = new GoogleStandIn(run.Party(Audience)) { TrustsPool = true };
        // Its subject tells the plan from the apply, so the plan may be one that can only read.
        await using var phase = run.Begin(readOnlyPlan: true);
        await phase.DeliverAsync(
            Cloud(google), ("TFC_GCP_PROVIDER_AUTH", "true"), ("TFC_GCP_PRINCIPAL_TYPE", "workload_pool"), ("TFC_GCP_PROJECT_NUMBER", "123456789012"),
            ("TFC_GCP_WORKLOAD_POOL_ID", "pool"), ("TFC_GCP_WORKLOAD_PROVIDER_ID", "orchestrator"));

        Assert.Equal("federated-token", await LogInAsync(phase, phase.Environment["GOOGLE_APPLICATION_CREDENTIALS"]));
        Assert.Null(Assert.Single(await phase.LedgerAsync()).Role);
    }

    [Fact]
    public async Task Several_configurations_have_a_file_each()
    {
        await using var google = new GoogleStandIn(run.Party("mine"));
        await using var phase = run.Begin();
        await phase.DeliverAsync(
            Cloud(google), [.. AsServiceAccount, ("TFC_GCP_PROVIDER_AUTH_B", "true"), ("TFC_GCP_WORKLOAD_IDENTITY_AUDIENCE_B", "mine"),
                ("TFC_DEFAULT_GCP_WORKLOAD_PROVIDER_NAME", GoogleStandIn.Provider), ("TFC_DEFAULT_GCP_RUN_SERVICE_ACCOUNT_EMAIL", GoogleStandIn.ServiceAccount)]);

        Assert.False(phase.Environment.ContainsKey("GOOGLE_APPLICATION_CREDENTIALS"));
        Assert.Equal("service-account-token", await LogInAsync(phase, phase.Told("gcp", "B", "credentials")));
        Assert.Null(await LogInAsync(phase, phase.Told("gcp", null, "credentials")));
    }

    [Fact]
    public async Task The_token_is_replaced_before_it_expires_and_no_more_once_the_phase_is_over()
    {
        await using var google = new GoogleStandIn(run.Party(Audience));
        await using var phase = run.Begin();
        await phase.DeliverAsync(Cloud(google), AsServiceAccount);
        var file = phase.Environment["GOOGLE_APPLICATION_CREDENTIALS"];
        var path = JsonDocument.Parse(phase.Read(file)).RootElement.GetProperty("credential_source").GetProperty("file").GetString()!;

        for (var renewals = 0; renewals < 4; renewals++)
        {
            var before = phase.Read(path);
            run.Installation.Clock.Advance(TimeSpan.FromMinutes(5));
            await Wait.UntilAsync(() => phase.Read(path) != before);
        }

        // The first one has expired by now.
        Assert.Equal("service-account-token", await LogInAsync(phase, file));
        Assert.Equal(5, phase.Secrets.Distinct().Count());
        await phase.Delivery.DisposeAsync();
        var last = phase.Read(path);
        run.Installation.Clock.Advance(TimeSpan.FromMinutes(20));
        Assert.Equal(last, phase.Read(path));
        Assert.Null(await LogInAsync(phase, file));
        Assert.Equal(5, (await phase.LedgerAsync()).Count);
    }

    [Fact]
    public async Task A_plan_that_can_only_read_needs_a_service_account_of_its_own()
    {
        await using var google = new GoogleStandIn(run.Party(Audience));
        await using var phase = run.Begin(readOnlyPlan: true);

        var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => phase.DeliverAsync(Cloud(google), AsServiceAccount));

        Assert.Contains("Set TFC_GCP_PLAN_SERVICE_ACCOUNT_EMAIL to a service account that can only read", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_whole_name_of_a_provider_comes_before_its_parts()
    {
        var reading = CloudSettings.Read(GcpVocabulary.Instance, new Dictionary<string, string>(
            AsServiceAccount.Select(variable => KeyValuePair.Create(variable.Item1, variable.Item2)))
        {
            ["TFC_GCP_PROJECT_NUMBER"] = "1",
            ["TFC_GCP_WORKLOAD_POOL_ID"] = "other",
            ["TFC_GCP_WORKLOAD_PROVIDER_ID"] = "other",
        }, "plan");

        Assert.Equal(Audience, GcpVocabulary.ProviderOf(Assert.Single(reading.Configurations)));
    }

    private GcpCloud Cloud(StandIn google) => new(
        Options.Create(new GcpOptions { StsEndpoint = google.Address, IamCredentialsEndpoint = google.Address }), run.Installation.Clock);

    /// <summary>What Google's libraries do with such a file.</summary>
    /// <returns>The access token; null when there is none to be had.</returns>
    private static async Task<string?> LogInAsync(PhaseWithClouds phase, string file)
    {
        var credentials = JsonDocument.Parse(phase.Read(file)).RootElement;
        Assert.Equal("external_account", credentials.GetProperty("type").GetString());
        using var http = new HttpClient();
        using var trade = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "urn:ietf:params:oauth:grant-type:token-exchange",
            ["audience"] = credentials.GetProperty("audience").GetString()!,
            ["subject_token_type"] = credentials.GetProperty("subject_token_type").GetString()!,
            ["subject_token"] = phase.Read(credentials.GetProperty("credential_source").GetProperty("file").GetString()!),
        });
        using var traded = await http.PostAsync(new Uri(credentials.GetProperty("token_url").GetString()!), trade);
        if (!traded.IsSuccessStatusCode)
        {
            return null;
        }
        var federated = (await Json(traded)).GetProperty("access_token").GetString()!;
        if (!credentials.TryGetProperty("service_account_impersonation_url", out var url))
        {
            return federated;
        }
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", federated);
        using var became = await http.PostAsync(new Uri(url.GetString()!), content: null);
        return (await Json(became)).GetProperty("accessToken").GetString();

        static async Task<JsonElement> Json(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }
}
