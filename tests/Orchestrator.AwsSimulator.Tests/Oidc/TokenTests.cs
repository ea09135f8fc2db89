using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Oidc;

/// <summary>One test for each way a token can be wrong, and for the ways it can be right.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private Simulation _simulation = null!;

    private TestIssuer Issuer => _simulation.Issuer;

    public async ValueTask InitializeAsync() => _simulation = await Simulation.StartAsync();

    public ValueTask DisposeAsync() => _simulation.DisposeAsync();

    [Fact]
    public async Task A_good_token_becomes_a_session()
    {
        var answer = await _simulation.ExchangeAsync(Issuer.Token().ToString());

        Assert.Equal(TestIssuer.Subject, answer.SubjectFromWebIdentityToken);
        Assert.Equal(TestIssuer.Audience, answer.Audience);
        Assert.Equal(Issuer.Url, answer.Provider);
        Assert.Equal($"arn:aws:sts::{Setup.AccountId}:assumed-role/deploy/run-1-plan", answer.AssumedRoleUser.Arn);
        Assert.Matches("^AROA[A-Z2-7]{17}:run-1-plan$", answer.AssumedRoleUser.AssumedRoleId);
        Assert.Matches("^ASIA[A-Z2-7]{16}$", answer.Credentials.AccessKeyId);
        Assert.Equal(40, answer.Credentials.SecretAccessKey.Length);
        var lifetime = answer.Credentials.Expiration!.Value - _simulation.Clock.GetUtcNow().UtcDateTime;
        Assert.InRange(lifetime.TotalSeconds, 3599, 3600);
    }

    [Theory]
    [InlineData("RS256", "rsa-1")]
    [InlineData("RS384", "rsa-1")]
    [InlineData("RS512", "rsa-1")]
    [InlineData("ES256", "p-256")]
    [InlineData("ES384", "p-384")]
    [InlineData("ES512", "p-521")]
    public async Task Each_algorithm_of_AWS_is_verified(string algorithm, string keyId)
    {
        var hash = new HashAlgorithmName($"SHA{algorithm[2..]}");
        var token = Issuer.Token().SignedAs(algorithm, keyId, data => keyId switch
        {
            "p-256" => TestKeys.P256.SignData(data, hash),
            "p-384" => TestKeys.P384.SignData(data, hash),
            "p-521" => TestKeys.P521.SignData(data, hash),
            _ => TestKeys.Rsa.SignData(data, hash, RSASignaturePadding.Pkcs1),
        });

        await _simulation.AssumeAsync(token);
    }

    [Fact]
    public async Task An_expired_token_is_refused_as_expired_and_not_as_invalid()
    {
        var token = Issuer.Token();
        _simulation.Clock.Advance(TimeSpan.FromMinutes(10));

        var refusal = await _simulation.RefusedAsync(token);

        Assert.Equal("ExpiredTokenException", refusal.ErrorCode);
        Assert.Matches(@"^Token expired: current date/time \d+ must be before the expiration date/time \d+$", refusal.Message);
    }

    [Fact]
    public async Task Five_minutes_after_its_expiration_a_token_is_still_taken()
    {
        var token = Issuer.Token();
        _simulation.Clock.Advance(TimeSpan.FromSeconds(599));

        await _simulation.AssumeAsync(token);
    }

    [Theory]
    [InlineData("nbf")]
    [InlineData("iat")]
    public async Task A_token_from_the_future_is_refused(string claim)
    {
        var token = Issuer.Token().With(claim, _simulation.Clock.GetUtcNow().ToUnixTimeSeconds() + 301);

        await InvalidAsync(token, "Token not yet valid");
    }

    [Fact]
    public async Task A_token_for_another_audience_is_refused() =>
        await InvalidAsync(Issuer.Token().With("aud", "vault.workload.identity"), "Incorrect token audience");

    [Fact]
    public async Task A_token_for_several_audiences_is_taken_when_one_is_a_client_id()
    {
        var answer = await _simulation.ExchangeAsync(
            Issuer.Token().With("aud", new JsonArray("elsewhere", TestIssuer.Audience)).ToString());

        Assert.Equal(TestIssuer.Audience, answer.Audience);
    }

    [Fact]
    public async Task An_authorized_party_takes_the_place_of_the_audience()
    {
        await InvalidAsync(Issuer.Token().With("azp", "someone-else"), "Incorrect token audience");

        var comparison = Assert.Single(_simulation.LastExplanation.Comparisons);
        Assert.StartsWith("azp", comparison.What, StringComparison.Ordinal);
        Assert.Equal("someone-else", comparison.Actual);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("https://token.actions.githubusercontent.com")]
    public async Task A_token_from_an_unregistered_issuer_is_refused_without_asking_it(string issuer)
    {
        await InvalidAsync(Issuer.Token().With("iss", issuer), $"No OpenIDConnect provider found in your account for {issuer}");

        Assert.Equal(0, Issuer.Requests);
    }

    [Fact]
    public async Task A_trailing_slash_makes_another_issuer() =>
        await InvalidAsync(Issuer.Token().With("iss", Issuer.Url + "/"), "No OpenIDConnect provider found in your account");

    [Fact]
    public async Task A_provider_of_another_account_does_not_count()
    {
        var refusal = await _simulation.RefusedAsync(
            change: request => request.RoleArn = "arn:aws:iam::210987654321:role/deploy");

        Assert.Equal("InvalidIdentityToken", refusal.ErrorCode);
        Assert.StartsWith("No OpenIDConnect provider found", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unsigned_token_is_refused()
    {
        var token = Issuer.Token().SignedAs("none", "rsa-1", _ => []);

        await InvalidAsync(token, "not a valid JWT");
    }

    [Fact]
    public async Task A_token_that_uses_the_public_key_as_a_shared_secret_is_refused()
    {
        var publicKey = Encoding.ASCII.GetBytes(TestKeys.Rsa.ExportSubjectPublicKeyInfoPem());
        var token = Issuer.Token().SignedAs("HS256", "rsa-1", data => HMACSHA256.HashData(publicKey, data));

        await InvalidAsync(token, "not a valid JWT");
        Assert.Equal("token algorithm", _simulation.LastExplanation.Check);
    }

    [Fact]
    public async Task A_token_whose_claims_were_altered_is_refused()
    {
        var parts = Issuer.Token().ToString().Split('.');
        var claims = Issuer.Token().With("sub", "organization:acme:project:core:workspace:net:run_phase:apply").ToString().Split('.')[1];

        await InvalidAsync($"{parts[0]}.{claims}.{parts[2]}", "Token signature invalid");
    }

    [Fact]
    public async Task A_token_signed_by_someone_else_is_refused()
    {
        var token = Issuer.Token();
        token.Sign = data => TestKeys.OtherRsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        await InvalidAsync(token, "Token signature invalid");
    }

    [Fact]
    public async Task A_key_does_not_verify_an_algorithm_it_is_not_meant_for()
    {
        var token = Issuer.Token().SignedAs(
            "RS512", "rsa-256-only", data => TestKeys.Rsa.SignData(data, HashAlgorithmName.SHA512, RSASignaturePadding.Pkcs1));

        await InvalidAsync(token, "Token signature invalid");
    }

    [Fact]
    public async Task An_elliptic_curve_key_does_not_verify_another_curves_algorithm()
    {
        var token = Issuer.Token().SignedAs("ES384", "p-256", data => TestKeys.P256.SignData(data, HashAlgorithmName.SHA384));

        await InvalidAsync(token, "Token signature invalid");
    }

    [Fact]
    public async Task A_token_with_an_unknown_key_id_is_refused()
    {
        var token = Issuer.Token();
        token.Header["kid"] = "nobody-knows";

        await InvalidAsync(token, "Couldn't retrieve verification key from your identity provider");
    }

    [Fact]
    public async Task A_token_without_a_key_id_is_refused()
    {
        var token = Issuer.Token();
        token.Header.Remove("kid");

        await InvalidAsync(token, "not a valid JWT");
    }

    [Fact]
    public async Task A_key_inside_the_token_is_not_trusted()
    {
        var token = Issuer.Token();
        token.Header["kid"] = "mine";
        token.Header["jwk"] = TestKeys.Jwk("mine", TestKeys.OtherRsa);
        token.Sign = data => TestKeys.OtherRsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        await InvalidAsync(token, "Couldn't retrieve verification key");
    }

    [Fact]
    public async Task A_critical_extension_nobody_knows_is_refused()
    {
        var token = Issuer.Token();
        token.Header["crit"] = new JsonArray("exp");

        await InvalidAsync(token, "not a valid JWT");
    }

    [Theory]
    [InlineData("iss")]
    [InlineData("aud")]
    [InlineData("sub")]
    [InlineData("iat")]
    [InlineData("exp")]
    public async Task A_token_without_a_required_claim_is_refused(string claim) =>
        await InvalidAsync(Issuer.Token().Without(claim), $"Missing a required claim: {claim}");

    [Fact]
    public async Task Times_are_whole_seconds() =>
        await InvalidAsync(Issuer.Token().With("exp", 4102444800.5), "The claim exp");

    [Fact]
    public async Task Times_are_numbers_and_not_text() =>
        await InvalidAsync(Issuer.Token().With("exp", "4102444800"), "The claim exp");

    [Fact]
    public async Task A_subject_longer_than_255_characters_is_refused()
    {
        await _simulation.AssumeAsync(Issuer.Token().With("sub", new string('s', 255)));

        await InvalidAsync(Issuer.Token().With("sub", new string('s', 256)), "The claim sub");
    }

    [Theory]
    [InlineData("not-a-token")]
    [InlineData("aa.bb")]
    [InlineData("a.b.c.d")]
    [InlineData("....")]
    public async Task Text_that_is_not_a_token_is_refused(string text) => await InvalidAsync(text, "not a valid JWT");

    [Fact]
    public async Task A_token_with_padding_is_refused() =>
        await InvalidAsync(Issuer.Token() + "=", "not a valid JWT");

    [Fact]
    public async Task A_token_with_a_line_break_at_its_end_is_refused() =>
        await InvalidAsync(Issuer.Token() + "\n", "not a valid JWT");

    [Fact]
    public async Task A_claim_that_appears_twice_is_refused()
    {
        var token = Issuer.Token();
        var parts = token.ToString().Split('.');
        var twice = token.Claims.ToJsonString().Replace("{", "{\"sub\":\"someone\",", StringComparison.Ordinal);
        var signed = $"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(twice))}";
        var signature = Base64Url.EncodeToString(token.Sign(Encoding.ASCII.GetBytes(signed)));

        await InvalidAsync($"{signed}.{signature}", "not a valid JWT");
    }

    private Task InvalidAsync(TestToken token, string message) => InvalidAsync(token.ToString(), message);

    private async Task InvalidAsync(string token, string message)
    {
        var refusal = await _simulation.RefusedAsync(token);

        Assert.Equal("InvalidIdentityToken", refusal.ErrorCode);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refusal.StatusCode);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(refusal.RequestId, _simulation.LastExplanation.RequestId);
    }
}
