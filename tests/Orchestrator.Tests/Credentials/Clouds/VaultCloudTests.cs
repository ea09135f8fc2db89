using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Vault;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Credentials.Clouds;

public sealed class VaultCloudTests(PlannedRun run) : IClassFixture<PlannedRun>
{
    private const string Audience = "vault.workload.identity";

    [Fact]
    public async Task The_server_logs_in_and_the_single_configuration_finds_vaults_token_in_its_environment()
    {
        await using var vault = new VaultStandIn(run.Party(Audience), run.Installation.Clock);
        await using var phase = run.Begin();
        await phase.DeliverAsync(new VaultCloud(run.Installation.Clock), Variables(vault));

        var token = phase.Environment["VAULT_TOKEN"];
        Assert.True(vault.IsAlive(token));
        Assert.Equal((vault.Address, "true"), (phase.Environment["VAULT_ADDR"], phase.Environment["TERRAFORM_VAULT_SKIP_CHILD_TOKEN"]));
        Assert.DoesNotContain(phase.Environment.Keys, name => name is "VAULT_NAMESPACE" or "VAULT_CACERT");
        Assert.Equal(token, phase.Read(phase.Told("vault", null, "token_filename")));
        Assert.Equal((vault.Address, "", ""), (phase.Told("vault", null, "address"), phase.Told("vault", null, "namespace"), phase.Told("vault", null, "ca_cert_file")));
        // The run's own token stays in this process, so minutes are enough for it.
        Assert.Equal(2, phase.Secrets.Count);
        Assert.Contains(token, phase.Secrets);
        var entry = Assert.Single(await phase.LedgerAsync());
        Assert.Equal(("vault", "deploy", Audience, "entity-of-deploy", "request-1", null),
            (entry.Provider, entry.Role, entry.Audience, entry.Principal, entry.RequestId, entry.ErrorCode));
        Assert.Equal(run.Installation.Clock.GetUtcNow() + vault.Lease, entry.ExpiresAt);
        Assert.Equal(TimeSpan.FromMinutes(5), entry.TokenExpiresAt - entry.TokenIssuedAt);
    }

    [Fact]
    public async Task Several_configurations_are_told_by_the_variable_alone()
    {
        await using var first = new VaultStandIn(run.Party(Audience), run.Installation.Clock);
        await using var second = new VaultStandIn(run.Party("mine"), run.Installation.Clock) { AuthPath = "team/jwt", Namespace = "admin/team", Role = "other" };
        await using var phase = run.Begin();
        await phase.DeliverAsync(
            new VaultCloud(run.Installation.Clock), [.. Variables(first), ("TFC_VAULT_PROVIDER_AUTH_B", "true"), ("TFC_VAULT_ADDR_B", second.Address),
                ("TFC_VAULT_PLAN_ROLE_B", "other"), ("TFC_VAULT_AUTH_PATH_B", "team/jwt"), ("TFC_VAULT_NAMESPACE_B", "admin/team"),
                ("TFC_VAULT_WORKLOAD_IDENTITY_AUDIENCE_B", "mine")]);

        Assert.DoesNotContain(phase.Environment.Keys, name => name.StartsWith("VAULT_", StringComparison.Ordinal));
        Assert.Equal("admin/team", phase.Told("vault", "B", "namespace"));
        Assert.True(first.IsAlive(phase.Read(phase.Told("vault", null, "token_filename"))));
        Assert.True(second.IsAlive(phase.Read(phase.Told("vault", "B", "token_filename"))));
    }

    [Fact]
    public async Task Its_token_is_renewed_while_the_phase_runs_and_taken_back_when_it_is_over()
    {
        await using var vault = new VaultStandIn(run.Party(Audience), run.Installation.Clock) { Lease = TimeSpan.FromMinutes(100) };
        await using var phase = run.Begin();
        await phase.DeliverAsync(new VaultCloud(run.Installation.Clock), Variables(vault));
        var token = phase.Environment["VAULT_TOKEN"];

        await Wait.UntilAsync(() =>
        {
            run.Installation.Clock.Advance(TimeSpan.FromMinutes(2));
            return vault.Count("auth/token/renew-self") == 3;
        });
        Assert.True(vault.IsAlive(token));
        Assert.True(run.Installation.Clock.GetUtcNow() > Assert.Single(await phase.LedgerAsync()).ExpiresAt);

        await phase.Delivery.DisposeAsync();
        Assert.False(vault.IsAlive(token));
        Assert.Null(phase.Delivery.Left);
        var calls = vault.Calls.Count;
        run.Installation.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(calls, vault.Calls.Count);
    }

    [Fact]
    public async Task A_token_that_vault_does_not_take_back_is_told()
    {
        await using var vault = new VaultStandIn(run.Party(Audience), run.Installation.Clock) { Revokes = false };
        await using var phase = run.Begin();
        await phase.DeliverAsync(new VaultCloud(run.Installation.Clock), Variables(vault));

        await phase.Delivery.DisposeAsync();

        Assert.StartsWith(
            $"Vault at {vault.Address} did not take back the token of 'deploy': batch tokens cannot be revoked (status 400). It expires at 2026-03-01 ",
            phase.Delivery.Left, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nobody", Audience, "plan", "the role exists below auth/jwt")]
    [InlineData("deploy", "another", "plan", "is among the role's bound_audiences")]
    [InlineData("deploy", Audience, "apply", "bound_claims or bound_subject match this subject")]
    public async Task When_vault_refuses_it_is_said_who_asked_for_what_and_what_to_check(string role, string trusted, string phaseName, string advice)
    {
        await using var vault = new VaultStandIn(run.Party(trusted, phaseName), run.Installation.Clock);
        await using var phase = run.Begin();

        var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => phase.DeliverAsync(
            new VaultCloud(run.Installation.Clock), Variables(vault, ("TFC_VAULT_RUN_ROLE", role))));

        Assert.All([$"log in as {role} (from the variable TFC_VAULT_RUN_ROLE)", $"{run.Identity.FullWorkspace}:run_phase:plan", Audience, vault.Address, advice],
            part => Assert.Contains(part, refused.Message, StringComparison.Ordinal));
        Assert.All(phase.Secrets, secret => Assert.DoesNotContain(secret, refused.Message, StringComparison.Ordinal));
        var entry = Assert.Single(await phase.LedgerAsync());
        Assert.Equal(("400", null, null), (entry.ErrorCode, entry.Principal, entry.ExpiresAt));
    }

    [Fact]
    public async Task A_token_that_is_old_by_vaults_clock_is_refused_in_words()
    {
        var late = new FakeTimeProvider(run.Installation.Clock.GetUtcNow() + TimeSpan.FromMinutes(7));
        await using var vault = new VaultStandIn(run.Party(Audience, clock: late), run.Installation.Clock);
        await using var phase = run.Begin();

        var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => phase.DeliverAsync(new VaultCloud(run.Installation.Clock), Variables(vault)));

        Assert.Contains("the clocks of this server and of Vault", refused.Message, StringComparison.Ordinal);
    }

    // The answer => what the message says, the code in the ledger, and how often Vault was asked.
    [Theory]
    [InlineData(403, """{"errors":["permission denied"]}""", "a JWT auth method is enabled at 'jwt'", "403", 1)]
    [InlineData(404, """{"errors":["no handler for route"]}""", "a JWT auth method is enabled at 'jwt'", "404", 1)]
    [InlineData(400, """{"errors":["error verifying token signature"]}""", "oidc_discovery_url and bound_issuer are this server's issuer", "400", 1)]
    [InlineData(400, """{"errors":["error validating token: invalid issuer (iss) claim"]}""", "bound_issuer are this server's issuer", "400", 1)]
    [InlineData(400, """{"errors":["token is expired"]}""", "the clocks of this server and of Vault", "400", 1)]
    [InlineData(400, "{}", "status 400, and no reason", "400", 1)]
    [InlineData(503, """{"errors":["Vault is sealed"]}""", "Vault is unsealed", "503", 3)]
    [InlineData(429, """{"errors":["request path rate limited"]}""", "limiting the number of calls", "429", 3)]
    [InlineData(500, "<html>", "it was asked several times", "500", 3)]
    [InlineData(307, "http://127.0.0.1:1/", "A redirect is not followed", "307", 1)]
    [InlineData(200, "<html>Welcome</html>", "the address is Vault's", "NoToken", 1)]
    [InlineData(200, """{"auth":{"client_token":7}}""", "the address is Vault's", "NoToken", 1)]
    public async Task Whatever_else_answers_is_a_refusal_with_its_reason(int status, string text, string advice, string code, int calls)
    {
        await using var vault = new VaultStandIn(run.Party(Audience), run.Installation.Clock) { Instead = [(status, text)] };
        await using var phase = run.Begin();

        var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => phase.DeliverAsync(new VaultCloud(new ImpatientClock()), Variables(vault)));

        Assert.Contains(advice, refused.Message, StringComparison.Ordinal);
        Assert.Equal(code, Assert.Single(await phase.LedgerAsync()).ErrorCode);
        Assert.Equal(calls, vault.Calls.Count);
    }

    [Fact]
    public async Task What_passes_is_asked_again()
    {
        await using var vault = new VaultStandIn(run.Party(Audience), run.Installation.Clock)
        {
            Instead = [(503, "{}"), (200, """{"auth":{"client_token":"hvs.late","lease_duration":0,"renewable":false}}"""), (204, "")],
        };
        await using var phase = run.Begin();

        await phase.DeliverAsync(new VaultCloud(new ImpatientClock()), Variables(vault));

        Assert.Equal("hvs.late", phase.Environment["VAULT_TOKEN"]);
        // A lease of zero is none: such a token does not expire by itself.
        Assert.Null(Assert.Single(await phase.LedgerAsync()).ExpiresAt);
    }

    [Fact]
    public async Task Who_answers_with_the_runs_own_token_does_not_get_it_into_the_log()
    {
        await using var echo = new Echo();
        await using var phase = run.Begin();

        var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => phase.DeliverAsync(
            new VaultCloud(run.Installation.Clock), Variables(echo)));

        Assert.Contains("***", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Assert.Single(phase.Secrets), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_end_is_not_read()
    {
        await using var vault = new VaultStandIn(run.Party(Audience), run.Installation.Clock) { Instead = [(200, new string(' ', 300 * 1024))] };
        await using var phase = run.Begin();

        var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => phase.DeliverAsync(new VaultCloud(new ImpatientClock()), Variables(vault)));

        Assert.Contains("Vault could not be reached", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_said_with_the_address_and_its_variable()
    {
        string address;
        await using (var gone = new Echo())
        {
            address = gone.Address;
        }
        await using var phase = run.Begin();

        var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => phase.DeliverAsync(
            new VaultCloud(new ImpatientClock()), ("TFC_VAULT_PROVIDER_AUTH", "true"), ("TFC_DEFAULT_VAULT_ADDR", address), ("TFC_VAULT_RUN_ROLE", "deploy")));

        Assert.Contains($"{address} (from the variable TFC_DEFAULT_VAULT_ADDR)", refused.Message, StringComparison.Ordinal);
        Assert.Equal("Unreachable", Assert.Single(await phase.LedgerAsync()).ErrorCode);
    }

    [Fact]
    public async Task When_the_second_vault_refuses_the_first_one_takes_its_token_back()
    {
        await using var vault = new VaultStandIn(run.Party(Audience), run.Installation.Clock);
        await using var phase = run.Begin();

        await Assert.ThrowsAsync<CredentialsRefusedException>(() => phase.DeliverAsync(
            new VaultCloud(run.Installation.Clock), [.. Variables(vault), ("TFC_VAULT_PROVIDER_AUTH_B", "true"), ("TFC_VAULT_ADDR_B", vault.Address),
                ("TFC_VAULT_RUN_ROLE_B", "nobody")]));

        Assert.False(vault.IsAlive(Assert.Single(vault.Given)));
    }

    [Fact]
    public async Task A_plan_that_can_only_read_needs_a_role_of_its_own()
    {
        await using var vault = new VaultStandIn(run.Party(Audience), run.Installation.Clock);
        await using var phase = run.Begin(readOnlyPlan: true);

        var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => phase.DeliverAsync(
            new VaultCloud(run.Installation.Clock), Variables(vault)));

        Assert.Contains("Set TFC_VAULT_PLAN_ROLE to a role that can only read", refused.Message, StringComparison.Ordinal);
        Assert.Empty(vault.Calls);
    }

    [Fact]
    public async Task A_private_authority_is_what_vaults_certificate_is_checked_against()
    {
        using var authority = TlsDoor.Authority("Vault's authority");
        await using var vault = new VaultStandIn(run.Party(Audience), run.Installation.Clock);
        await using var tls = new TlsDoor(vault, authority);
        await using var phase = run.Begin();
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(authority.ExportCertificatePem()));
        await phase.DeliverAsync(new VaultCloud(run.Installation.Clock), Variables(tls.Address, ("TFC_VAULT_ENCODED_CACERT", encoded)));

        Assert.True(vault.IsAlive(phase.Environment["VAULT_TOKEN"]));
        Assert.Equal(authority.ExportCertificatePem(), phase.Read(phase.Environment["VAULT_CACERT"]));
        Assert.Equal(phase.Environment["VAULT_CACERT"], phase.Told("vault", null, "ca_cert_file"));

        // Neither the system's authorities nor another private one will do.
        using var another = TlsDoor.Authority("Another authority");
        foreach (var wrong in new[] { "", Convert.ToBase64String(Encoding.UTF8.GetBytes(another.ExportCertificatePem())) })
        {
            await using var refusing = run.Begin();
            var refused = await Assert.ThrowsAsync<CredentialsRefusedException>(() => refusing.DeliverAsync(
                new VaultCloud(new ImpatientClock()), Variables(tls.Address, ("TFC_VAULT_ENCODED_CACERT", wrong))));
            Assert.Contains("set TFC_VAULT_ENCODED_CACERT", refused.Message, StringComparison.Ordinal);
        }
    }

    private static (string, string)[] Variables(StandIn vault, params (string Name, string Value)[] more) => Variables(vault.Address, more);

    private static (string, string)[] Variables(string address, params (string Name, string Value)[] more) =>
    [
        ("TFC_VAULT_PROVIDER_AUTH", "true"), ("TFC_VAULT_ADDR", address),
        .. new[] { ("TFC_VAULT_RUN_ROLE", "deploy") }.Where(variable => more.All(other => other.Name != variable.Item1)), .. more,
    ];

    /// <summary>Says what it was told.</summary>
    private sealed class Echo : StandIn
    {
        protected override Task<(int Status, string Text)> AnswerAsync(HttpListenerRequest request, string body) =>
            Task.FromResult((400, $$"""{"errors":["you sent {{body.Replace("\"", "'", StringComparison.Ordinal)}}"]}"""));
    }
}
