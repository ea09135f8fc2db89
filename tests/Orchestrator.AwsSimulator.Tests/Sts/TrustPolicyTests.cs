using System.Text.Json.Nodes;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Sts;

/// <summary>Trust policies as callers meet them: over STS, with a real token.</summary>
public sealed class TrustPolicyTests
{
    private const string Sub = "${issuer_host}:sub";

    [Theory]
    [InlineData("StringEquals", TestIssuer.Subject, true)]
    [InlineData("StringEquals", "organization:acme:*", false)]
    [InlineData("StringEquals", "ORGANIZATION:ACME:PROJECT:CORE:WORKSPACE:NET:RUN_PHASE:PLAN", false)]
    [InlineData("StringNotEquals", "organization:other", true)]
    [InlineData("StringNotEquals", TestIssuer.Subject, false)]
    [InlineData("StringEqualsIgnoreCase", "ORGANIZATION:ACME:PROJECT:CORE:WORKSPACE:NET:RUN_PHASE:PLAN", true)]
    [InlineData("StringNotEqualsIgnoreCase", "ORGANIZATION:ACME:PROJECT:CORE:WORKSPACE:NET:RUN_PHASE:PLAN", false)]
    [InlineData("StringLike", "organization:acme:project:*:run_phase:plan", true)]
    [InlineData("StringLike", "organization:acme:project:*:run_phase:apply", false)]
    [InlineData("StringLike", "organization:acme:project:????:workspace:net:run_phase:plan", true)]
    [InlineData("StringNotLike", "organization:evil:*", true)]
    [InlineData("StringNotLike", "organization:*", false)]
    public async Task Text_operators_compare_the_subject(string comparison, string expected, bool allowed) =>
        await DecidesAsync($$"""{ "{{comparison}}": { "{{Sub}}": "{{expected}}" } }""", allowed);

    [Fact]
    public async Task Several_values_are_alternatives() =>
        await DecidesAsync($$"""{ "StringEquals": { "{{Sub}}": ["other", "{{TestIssuer.Subject}}"] } }""", allowed: true);

    [Fact]
    public async Task Several_keys_must_all_hold() => await DecidesAsync(
        $$"""{ "StringEquals": { "{{Sub}}": "{{TestIssuer.Subject}}", "${issuer_host}:aud": "second.audience" } }""", allowed: false);

    [Fact]
    public async Task Several_operators_must_all_hold() => await DecidesAsync(
        $$"""{ "StringEquals": { "${issuer_host}:aud": "aws.workload.identity" }, "StringLike": { "{{Sub}}": "*:apply" } }""",
        allowed: false);

    [Theory]
    [InlineData("StringEquals", "x", false)]
    [InlineData("StringNotEquals", "x", true)]
    [InlineData("StringNotLike", "x*", true)]
    [InlineData("StringEqualsIfExists", "x", true)]
    [InlineData("StringLikeIfExists", "x", true)]
    [InlineData("ForAnyValue:StringEquals", "x", false)]
    [InlineData("ForAllValues:StringEquals", "x", true)]
    [InlineData("Null", "true", true)]
    [InlineData("Null", "false", false)]
    public async Task An_absent_key_counts_as_each_operator_says(string comparison, string expected, bool allowed) =>
        await DecidesAsync($$"""{ "{{comparison}}": { "${issuer_host}:email": "{{expected}}" } }""", allowed);

    [Theory]
    [InlineData("ForAnyValue:StringEquals", """["mfa", "sms"]""", true)]
    [InlineData("ForAnyValue:StringEquals", """["sms"]""", false)]
    [InlineData("ForAllValues:StringEquals", """["pwd", "mfa", "sms"]""", true)]
    [InlineData("ForAllValues:StringEquals", """["mfa"]""", false)]
    [InlineData("ForAnyValue:StringNotEquals", """["mfa"]""", true)]
    [InlineData("ForAllValues:StringNotEquals", """["mfa"]""", false)]
    public async Task Keys_with_several_values_are_compared_by_their_quantifier(string comparison, string expected, bool allowed) =>
        await DecidesAsync(
            $$"""{ "{{comparison}}": { "${issuer_host}:amr": {{expected}} } }""", allowed,
            token => token.With("amr", new JsonArray("pwd", "mfa")));

    [Fact]
    public async Task Key_names_are_compared_without_case() =>
        await DecidesAsync($$"""{ "StringEquals": { "${issuer_host}:SUB": "{{TestIssuer.Subject}}" } }""", allowed: true);

    [Fact]
    public async Task The_audience_key_reads_azp_and_oaud_reads_aud() => await DecidesAsync(
        """{ "StringEquals": { "${issuer_host}:aud": "second.audience", "${issuer_host}:oaud": "aws.workload.identity" } }""",
        allowed: true,
        token => token.With("azp", "second.audience"));

    [Fact]
    public async Task A_custom_claim_is_not_a_condition_key()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            Conditions = """{ "StringEquals": { "${issuer_host}:terraform_run_phase": "plan" } }""",
        });

        var refusal = await simulation.RefusedAsync(simulation.Issuer.Token().With("terraform_run_phase", "plan"));

        Assert.Equal("AccessDenied", refusal.ErrorCode);
        var condition = simulation.LastExplanation.Policies.Single().Statements.Single().Elements.Single(element => !element.Matched);
        Assert.Contains("AWS offers only", condition.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_misspelt_key_with_IfExists_lets_everyone_in() => await DecidesAsync(
        """{ "StringEqualsIfExists": { "${issuer_host}:subject": "organization:acme" } }""", allowed: true);

    [Theory]
    [InlineData("sts:RoleSessionName", "StringLike", "run-*", true)]
    [InlineData("sts:RoleSessionName", "StringLike", "manual-*", false)]
    [InlineData("aws:SourceIp", "IpAddress", "127.0.0.0/8", true)]
    [InlineData("aws:SourceIp", "IpAddress", "10.0.0.0/8", false)]
    [InlineData("aws:SourceIp", "NotIpAddress", "127.0.0.1", false)]
    [InlineData("aws:SourceIp", "NotIpAddress", "10.0.0.0/8", true)]
    [InlineData("aws:CurrentTime", "DateGreaterThan", "2020-01-01T00:00:00Z", true)]
    [InlineData("aws:CurrentTime", "DateLessThan", "2020-01-01T00:00:00Z", false)]
    [InlineData("aws:EpochTime", "DateLessThanEquals", "4102444800", true)]
    [InlineData("aws:EpochTime", "NumericGreaterThan", "1577836800", true)]
    [InlineData("sts:DurationSeconds", "NumericLessThanEquals", "900", true)]
    [InlineData("sts:DurationSeconds", "NumericLessThan", "900", false)]
    [InlineData("aws:SecureTransport", "Bool", "false", true)]
    [InlineData("aws:SecureTransport", "Bool", "true", false)]
    [InlineData("aws:FederatedProvider", "ArnLike", "arn:aws:iam::123456789012:oidc-provider/*", true)]
    [InlineData("aws:FederatedProvider", "ArnEquals", "arn:aws:iam::210987654321:oidc-provider/*", false)]
    [InlineData("aws:FederatedProvider", "ArnNotLike", "arn:aws:iam::210987654321:*", true)]
    public async Task Keys_of_the_request_are_compared_by_their_type(string key, string comparison, string expected, bool allowed) =>
        await DecidesAsync($$"""{ "{{comparison}}": { "{{key}}": "{{expected}}" } }""", allowed, durationSeconds: 900);

    [Fact]
    public async Task A_deny_wins_over_an_allow()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            ExtraTrustStatements = """
                , { "Sid": "NotThisWorkspace", "Effect": "Deny", "Principal": "*", "Action": "sts:*",
                    "Condition": { "StringLike": { "${issuer_host}:sub": "*:workspace:net:*" } } }
                """,
        });

        var refusal = await simulation.RefusedAsync();

        Assert.Equal("AccessDenied", refusal.ErrorCode);
        Assert.Equal("trust policy: a statement denies it", simulation.LastExplanation.Check);
    }

    [Fact]
    public async Task Another_principal_is_not_trusted()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            TrustActions = "\"sts:AssumeRole\"",
            ExtraTrustStatements = """
                , { "Effect": "Allow", "Principal": { "Federated": "arn:aws:iam::123456789012:oidc-provider/example.com" },
                    "Action": "sts:AssumeRoleWithWebIdentity" }
                """,
        });

        Assert.Equal("AccessDenied", (await simulation.RefusedAsync()).ErrorCode);
    }

    [Fact]
    public async Task A_role_that_does_not_exist_is_refused_like_one_that_does_not_trust()
    {
        await using var simulation = await Simulation.StartAsync();

        var refusal = await simulation.RefusedAsync(change: request => request.RoleArn = $"arn:aws:iam::{Setup.AccountId}:role/nobody");

        Assert.Equal("AccessDenied", refusal.ErrorCode);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, refusal.StatusCode);
        Assert.Equal("Not authorized to perform sts:AssumeRoleWithWebIdentity", refusal.Message);
    }

    private static async Task DecidesAsync(
        string conditions, bool allowed, Func<TestToken, TestToken>? change = null, int? durationSeconds = null)
    {
        await using var simulation = await Simulation.StartAsync(new Setup { Conditions = conditions });
        var token = simulation.Issuer.Token();
        change?.Invoke(token);
        if (allowed)
        {
            await simulation.AssumeAsync(token, request => request.DurationSeconds = durationSeconds);
            return;
        }

        var refusal = await simulation.RefusedAsync(token, request => request.DurationSeconds = durationSeconds);
        Assert.Equal("AccessDenied", refusal.ErrorCode);
        Assert.Equal("Not authorized to perform sts:AssumeRoleWithWebIdentity", refusal.Message);
        Assert.Contains(
            simulation.LastExplanation.Policies.Single().Statements.Single().Elements,
            element => element is { Element: "Condition", Matched: false });
    }
}
