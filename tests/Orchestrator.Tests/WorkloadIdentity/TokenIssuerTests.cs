using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.WorkloadIdentity;

public sealed class TokenIssuerTests(TokenIssuerTests.Issuer issuer) : IClassFixture<TokenIssuerTests.Issuer>
{
    private static readonly RunIdentity Identity = new(
        OrganizationId.Of("org-aaaaaaaaaaaaaaaa"), "acme", ProjectId.Of("prj-bbbbbbbbbbbbbbbb"), "Default Project",
        WorkspaceId.Of("ws-cccccccccccccccc"), "network-prod", RunId.Of("run-dddddddddddddddd"), "apply");

    private const string Audience = "aws.workload.identity";

    private readonly Installation _installation = issuer.Installation;
    private readonly IdentityToken _token = issuer.Token;

    // Relying parties have a clock of their own: for them a token is minted now, or a little beside now.
    private readonly string _living = issuer.Living;

    [Fact]
    public void The_claims_are_those_of_hcp_terraform()
    {
        var expected = new Dictionary<string, string>
        {
            ["iss"] = "https://orchestrator.example",
            ["aud"] = Audience,
            ["sub"] = "organization:acme:project:Default Project:workspace:network-prod:run_phase:apply",
            ["jti"] = _token.Id,
            ["terraform_organization_id"] = "org-aaaaaaaaaaaaaaaa",
            ["terraform_organization_name"] = "acme",
            ["terraform_project_id"] = "prj-bbbbbbbbbbbbbbbb",
            ["terraform_project_name"] = "Default Project",
            ["terraform_workspace_id"] = "ws-cccccccccccccccc",
            ["terraform_workspace_name"] = "network-prod",
            ["terraform_full_workspace"] = "organization:acme:project:Default Project:workspace:network-prod",
            ["terraform_run_id"] = "run-dddddddddddddddd",
            ["terraform_run_phase"] = "apply",
        };

        var claims = Part(1).EnumerateObject().Where(claim => claim.Value.ValueKind == JsonValueKind.String)
            .ToDictionary(claim => claim.Name, claim => claim.Value.GetString()!);

        Assert.Equal(expected.OrderBy(claim => claim.Key), claims.OrderBy(claim => claim.Key));
        Assert.Equal((expected["sub"], Audience), (_token.Subject, _token.Audience));
    }

    [Fact]
    public void It_lives_for_five_minutes_from_our_clocks_now()
    {
        var now = Installation.Start.ToUnixTimeSeconds();
        var claims = Part(1);

        Assert.Equal(
            (now, now - 30, now + 300),
            (claims.GetProperty("iat").GetInt64(), claims.GetProperty("nbf").GetInt64(), claims.GetProperty("exp").GetInt64()));
        Assert.Equal((Installation.Start, Installation.Start.AddMinutes(5)), (_token.IssuedAt, _token.ExpiresAt));
    }

    [Fact]
    public async Task Its_header_names_the_key_that_signed_it()
    {
        var key = await _installation.Get<SigningKeys>().ActiveAsync(CancellationToken.None);

        var header = Part(0);

        Assert.Equal(("RS256", key.Kid, "JWT"), (header.GetProperty("alg").GetString(), header.GetProperty("kid").GetString(), header.GetProperty("typ").GetString()));
    }

    [Fact]
    public async Task No_two_tokens_have_the_same_id()
    {
        var other = await _installation.Get<TokenIssuer>().MintAsync(Identity, Audience, CancellationToken.None);

        Assert.NotEqual(_token.Id, other.Id);
    }

    [Fact]
    public async Task It_verifies_with_the_published_keys_alone() => Assert.Null(await RefusalAsync());

    [Fact]
    public async Task It_is_refused_once_it_has_expired() =>
        Assert.IsType<SecurityTokenExpiredException>(await RefusalAsync(await MintAsync(-TokenIssuer.Lifetime - TimeSpan.FromSeconds(1))));

    [Fact]
    public async Task It_is_refused_before_its_time() =>
        Assert.IsType<SecurityTokenNotYetValidException>(await RefusalAsync(await MintAsync(TimeSpan.FromMinutes(2))));

    [Fact]
    public async Task It_is_refused_by_another_audience() =>
        Assert.IsType<SecurityTokenInvalidAudienceException>(await RefusalAsync(audience: "another"));

    [Fact]
    public async Task It_is_refused_by_who_trusts_another_issuer() =>
        Assert.IsType<SecurityTokenInvalidIssuerException>(await RefusalAsync(issuer: "https://orchestrator.example/"));

    [Fact]
    public async Task It_is_refused_when_its_claims_were_altered()
    {
        var parts = _living.Split('.');
        var claims = Encoding.UTF8.GetString(Base64UrlEncoder.DecodeBytes(parts[1])).Replace(":run_phase:apply", ":run_phase:plan", StringComparison.Ordinal);

        Assert.IsAssignableFrom<SecurityTokenInvalidSignatureException>(
            await RefusalAsync($"{parts[0]}.{Base64UrlEncoder.Encode(claims)}.{parts[2]}"));
    }

    [Fact]
    public async Task It_is_refused_without_its_signature()
    {
        var unsigned = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""");

        Assert.IsAssignableFrom<SecurityTokenInvalidSignatureException>(await RefusalAsync($"{unsigned}.{_living.Split('.')[1]}."));
    }

    [Fact]
    public async Task It_is_refused_when_another_key_signed_it()
    {
        var parts = _living.Split('.');
        using var thief = RSA.Create(2048);
        var signature = thief.SignData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        Assert.IsAssignableFrom<SecurityTokenInvalidSignatureException>(
            await RefusalAsync($"{parts[0]}.{parts[1]}.{Base64UrlEncoder.Encode(signature)}"));
    }

    [Fact]
    public async Task It_is_refused_when_the_public_key_was_used_as_a_shared_secret()
    {
        var key = (await _installation.Get<SigningKeys>().ActiveAsync(CancellationToken.None)).PublicKey;
        var parts = _living.Split('.');
        var header = Base64UrlEncoder.Encode($$"""{"alg":"HS256","kid":"{{key.Kid}}","typ":"JWT"}""");
        var signature = HMACSHA256.HashData(Base64UrlEncoder.DecodeBytes(key.Modulus), Encoding.ASCII.GetBytes($"{header}.{parts[1]}"));

        Assert.NotNull(await RefusalAsync($"{header}.{parts[1]}.{Base64UrlEncoder.Encode(signature)}"));
    }

    [Fact]
    public void Printing_a_token_does_not_tell_it()
    {
        var text = $"{_token}";

        Assert.Contains(_token.Id, text, StringComparison.Ordinal);
        Assert.All(_token.Compact.Split('.'), part => Assert.DoesNotContain(part, text, StringComparison.Ordinal));
    }

    private JsonElement Part(int number) => JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(_token.Compact.Split('.')[number])).RootElement;

    private Task<string> MintAsync(TimeSpan fromNow) => MintAsync(_installation, fromNow);

    private static async Task<string> MintAsync(Installation installation, TimeSpan fromNow) => (await new TokenIssuer(
        installation.Get<SigningKeys>(), installation.Get<IOptions<IssuerOptions>>(), new FakeTimeProvider(DateTimeOffset.UtcNow + fromNow))
        .MintAsync(Identity, Audience, CancellationToken.None)).Compact;

    /// <summary>As a relying party would: with nothing but the published key set.</summary>
    private async Task<Exception?> RefusalAsync(
        string? token = null, string audience = Audience, string issuer = "https://orchestrator.example")
    {
        var published = Encoding.UTF8.GetString((await _installation.Get<IssuerDocuments>().ReadAsync(CancellationToken.None)).KeySetJson);
        var result = await new JsonWebTokenHandler().ValidateTokenAsync(token ?? _living, new TokenValidationParameters
        {
            ValidIssuer = issuer,
            ValidAudience = audience,
            IssuerSigningKeys = new JsonWebKeySet(published).GetSigningKeys(),
            ClockSkew = TimeSpan.Zero,
        });
        return result.IsValid ? null : result.Exception;
    }

    /// <summary>One for all tests, because making its key takes a while.</summary>
    public sealed class Issuer : IAsyncLifetime
    {
        internal Installation Installation { get; private set; } = null!;

        internal IdentityToken Token { get; private set; } = null!;

        internal string Living { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            Installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
            Token = await Installation.Get<TokenIssuer>().MintAsync(Identity, Audience, CancellationToken.None);
            Living = await MintAsync(Installation, TimeSpan.Zero);
        }

        public ValueTask DisposeAsync() => Installation.DisposeAsync();
    }
}
