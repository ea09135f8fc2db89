using Microsoft.IdentityModel.JsonWebTokens;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Azure;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Credentials.Clouds;

public sealed class AzureCloudTests(PlannedRun run) : IClassFixture<PlannedRun>
{
    private const string Audience = "api://AzureADTokenExchange";
    private const string Other = "11111111-2222-3333-4444-555555555555";

    [Fact]
    public async Task Entra_gives_a_token_for_what_the_single_configuration_finds_in_its_environment()
    {
        await using var entra = new EntraStandIn(run.Party(Audience));
        await using var phase = run.Begin();
        await phase.DeliverAsync(new AzureCloud(), ("TFC_AZURE_PROVIDER_AUTH", "true"), ("TFC_AZURE_RUN_CLIENT_ID", EntraStandIn.ClientId));

        Assert.Equal("true", phase.Environment["ARM_USE_OIDC"]);
        Assert.Equal(200, await LogInAsync(entra, phase.Environment["ARM_CLIENT_ID"], phase.Read(phase.Environment["ARM_OIDC_TOKEN_FILE_PATH"])));
        // A provider may be told by the variable, too, and must find no difference.
        Assert.Equal(phase.Environment["ARM_CLIENT_ID"], phase.Read(phase.Told("azure", null, "client_id_file_path")));
        Assert.Equal(phase.Environment["ARM_OIDC_TOKEN_FILE_PATH"], phase.Told("azure", null, "oidc_token_file_path"));
        var entry = Assert.Single(await phase.LedgerAsync());
        Assert.Equal(("azure", EntraStandIn.ClientId, Audience, null), (entry.Provider, entry.Role, entry.Audience, entry.ErrorCode));
    }

    [Fact]
    public async Task Its_token_lasts_as_long_as_the_phase_because_it_is_read_once()
    {
        await using var phase = run.Begin();
        await phase.DeliverAsync(new AzureCloud(), ("TFC_AZURE_PROVIDER_AUTH", "true"), ("TFC_AZURE_RUN_CLIENT_ID", EntraStandIn.ClientId));

        var token = new JsonWebToken(phase.Read(phase.Environment["ARM_OIDC_TOKEN_FILE_PATH"]));

        Assert.Equal(PhaseWithClouds.TimeLimit, token.ValidTo - token.IssuedAt);
        Assert.Equal([token.EncodedToken], phase.Secrets);
    }

    [Fact]
    public async Task Several_configurations_are_told_by_the_variable_alone()
    {
        await using var entra = new EntraStandIn(run.Party("mine"));
        await using var phase = run.Begin();
        await phase.DeliverAsync(
            new AzureCloud(), ("TFC_AZURE_PROVIDER_AUTH", "true"), ("TFC_AZURE_RUN_CLIENT_ID", Other), ("TFC_AZURE_PROVIDER_AUTH_B", "true"),
            ("TFC_AZURE_RUN_CLIENT_ID_B", EntraStandIn.ClientId), ("TFC_AZURE_WORKLOAD_IDENTITY_AUDIENCE_B", "mine"));

        Assert.DoesNotContain(phase.Environment.Keys, name => name.StartsWith("ARM_", StringComparison.Ordinal));
        Assert.Equal(Other, phase.Read(phase.Told("azure", null, "client_id_file_path")));
        var (id, token) = (phase.Read(phase.Told("azure", "B", "client_id_file_path")), phase.Read(phase.Told("azure", "B", "oidc_token_file_path")));
        Assert.Equal(200, await LogInAsync(entra, id, token));
        // Each has a token of its own.
        Assert.Equal(401, await LogInAsync(entra, id, phase.Read(phase.Told("azure", null, "oidc_token_file_path"))));
        Assert.Equal([null, "B"], (await phase.LedgerAsync()).Select(entry => entry.Tag).Order());
    }

    [Fact]
    public async Task Who_trusts_the_apply_refuses_the_plan()
    {
        await using var entra = new EntraStandIn(run.Party(Audience, "apply"));
        foreach (var (name, status) in new[] { ("plan", 401), ("apply", 200) })
        {
            await using var phase = run.Begin(name);
            await phase.DeliverAsync(new AzureCloud(), ("TFC_AZURE_PROVIDER_AUTH", "true"), ("TFC_AZURE_RUN_CLIENT_ID", EntraStandIn.ClientId));

            Assert.Equal(status, await LogInAsync(entra, EntraStandIn.ClientId, phase.Read(phase.Environment["ARM_OIDC_TOKEN_FILE_PATH"])));
        }
    }

    [Fact]
    public async Task A_plan_that_can_only_read_needs_a_client_id_of_its_own()
    {
        await using var phase = run.Begin(readOnlyPlan: true);
        var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => phase.DeliverAsync(
            new AzureCloud(), ("TFC_AZURE_PROVIDER_AUTH", "true"), ("TFC_AZURE_RUN_CLIENT_ID", EntraStandIn.ClientId)));
        Assert.Contains("Set TFC_AZURE_PLAN_CLIENT_ID to a client id that can only read", refused.Message, StringComparison.Ordinal);

        await phase.DeliverAsync(new AzureCloud(), ("TFC_AZURE_PROVIDER_AUTH", "true"), ("TFC_DEFAULT_AZURE_PLAN_CLIENT_ID", EntraStandIn.ClientId));
        Assert.Equal(EntraStandIn.ClientId, phase.Environment["ARM_CLIENT_ID"]);

        await using var apply = run.Begin("apply", readOnlyPlan: true);
        await apply.DeliverAsync(new AzureCloud(), ("TFC_AZURE_PROVIDER_AUTH", "true"), ("TFC_AZURE_RUN_CLIENT_ID", EntraStandIn.ClientId));
    }

    private static async Task<int> LogInAsync(StandIn entra, string clientId, string token)
    {
        using var http = new HttpClient();
        using var form = new StringContent(EntraStandIn.Request(clientId, token));
        using var answer = await http.PostAsync(new Uri(entra.Address + EntraStandIn.TokenPath), form);
        return (int)answer.StatusCode;
    }
}
