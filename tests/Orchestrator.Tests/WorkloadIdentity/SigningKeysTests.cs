using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.WorkloadIdentity;

public sealed class SigningKeysTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Theory, EachDatabase]
    public async Task A_keys_id_is_its_rfc_7638_thumbprint(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);

        var key = (await installation.Get<SigningKeys>().ActiveAsync(CancellationToken.None)).PublicKey;

        Assert.Equal(Hash($$"""{"e":"{{key.Exponent}}","kty":"RSA","n":"{{key.Modulus}}"}"""), key.Kid);
        Assert.Equal(3072, Base64UrlEncoder.DecodeBytes(key.Modulus).Length * 8);
    }

    [Theory, EachDatabase]
    public async Task So_is_the_id_of_a_key_on_a_curve(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);

        var key = (await installation.Get<SigningKeys>().ActiveAsync(CancellationToken.None)).PublicKey;

        Assert.Equal(Hash($$"""{"crv":"P-256","kty":"EC","x":"{{key.X}}","y":"{{key.Y}}"}"""), key.Kid);
    }

    [Theory, EachDatabase]
    public async Task The_key_is_the_same_after_a_restart(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        var before = await installation.Get<SigningKeys>().ActiveAsync(CancellationToken.None);
        await installation.CrashAsync();
        await using var restarted = installation.Beside();

        Assert.Equal(before.Kid, (await restarted.Get<SigningKeys>().ActiveAsync(CancellationToken.None)).Kid);
    }

    [Theory]
    [EachDatabase(SecurityAlgorithms.RsaSha256)]
    [EachDatabase(SecurityAlgorithms.EcdsaSha256)]
    public async Task The_private_keys_rest_encrypted(DatabaseProvider provider, string algorithm)
    {
        await using var installation = await Installation.CreateAsync(
            provider, services => services.Configure<SigningKeyOptions>(options => options.Algorithm = algorithm));
        await installation.Get<SigningKeys>().ActiveAsync(CancellationToken.None);

        await using var db = installation.Open();
        foreach (var row in await db.SigningKeys.AsNoTracking().ToListAsync())
        {
            var plain = installation.Get<SecretBox>().Unprotect(SecretKind.SigningKey, row.Kid, row.ProtectedPrivateKey!);
            Assert.Equal(row.Kid, SigningKeyPair.Import(algorithm, plain).Kid);
            Assert.Equal(-1, row.ProtectedPrivateKey.AsSpan().IndexOf(plain.AsSpan()[^32..]));
            Assert.ThrowsAny<CryptographicException>(() => SigningKeyPair.Import(algorithm, row.ProtectedPrivateKey));
        }
    }

    [Theory, EachDatabase]
    public async Task First_starts_at_once_agree_on_one_key_and_on_the_next(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var processes = Enumerable.Range(0, 3).Select(_ => new KeyProcess(installation)).ToArray();

        var keys = await Task.WhenAll(processes.Select(process => Task.Run(() => process.Keys.ActiveAsync(CancellationToken.None).AsTask())));

        Assert.Single(keys.Select(key => key.Kid).Distinct());
        await using var db = installation.Open();
        Assert.Equal(
            [SigningKeyState.Active, SigningKeyState.Next],
            (await db.SigningKeys.Select(key => key.State).ToListAsync()).OrderDescending());
        Assert.Equal(keys[0].Kid, await processes[0].KidAsync(SigningKeyState.Active));
        Array.ForEach(processes, process => process.Dispose());
    }

    [Theory, EachDatabase]
    public async Task An_installation_from_before_there_were_next_keys_gets_one(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        await process.PublishedAsync();
        await using var db = installation.Open();
        await db.SigningKeys.Where(key => key.State == SigningKeyState.Next).ExecuteDeleteAsync();

        var published = await process.PublishedAsync();

        var next = await process.RowAsync(await process.KidAsync(SigningKeyState.Next));
        Assert.Equal(2, published.Count);
        Assert.Equal(Installation.Start + KeyLife.Settling, next.MaySignAt);
    }

    [Theory, EachDatabase]
    public async Task Minting_asks_the_database_no_more_often_than_every_few_seconds(DatabaseProvider provider)
    {
        await using var installation = await KeyProcess.InstallAsync(provider);
        using var process = new KeyProcess(installation);
        var active = await process.Keys.ActiveAsync(CancellationToken.None);
        await using var db = installation.Open();
        await db.SigningKeys.ExecuteDeleteAsync();

        installation.Clock.Advance(KeyLife.Freshness - TimeSpan.FromMilliseconds(1));
        Assert.Same(active, await process.Keys.ActiveAsync(CancellationToken.None));

        installation.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotEqual(active.Kid, (await process.Keys.ActiveAsync(CancellationToken.None)).Kid);
    }

    [Fact]
    public async Task The_discovery_document_is_the_committed_one()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);

        var documents = await installation.Get<IssuerDocuments>().ReadAsync(CancellationToken.None);

        Assert.Equal(Expected("Discovery.expected.json"), JsonSerializer.Serialize(documents.Discovery, Indented));
    }

    [Theory, EachDatabase]
    public async Task The_key_set_has_the_committed_shape_and_no_private_part(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        using var process = new KeyProcess(installation);
        // Of each kind one: the active key is RSA's, the next one is not.
        await installation.Get<SigningKeys>().ActiveAsync(CancellationToken.None);
        await installation.CrashAsync();
        await using var changed = installation.Beside(services =>
            services.Configure<SigningKeyOptions>(options => options.Algorithm = SecurityAlgorithms.EcdsaSha256));
        await changed.Get<KeyRotation>().AdoptAlgorithmAsync(CancellationToken.None);

        var documents = await changed.Get<IssuerDocuments>().ReadAsync(CancellationToken.None);

        var rsa = documents.KeySet.Keys.Single(key => key.Type == "RSA");
        var ec = documents.KeySet.Keys.Single(key => key.Type == "EC");
        var ordered = new KeySetDocument([rsa, ec]);
        Assert.Equal(
            Expected("KeySet.expected.json")
                .Replace("{rsa-kid}", rsa.Kid, StringComparison.Ordinal)
                .Replace("{modulus}", rsa.Modulus, StringComparison.Ordinal)
                .Replace("{ec-kid}", ec.Kid, StringComparison.Ordinal)
                .Replace("{x}", ec.X, StringComparison.Ordinal)
                .Replace("{y}", ec.Y, StringComparison.Ordinal),
            JsonSerializer.Serialize(ordered, Indented));
        Assert.Equal(["ES256", "RS256"], documents.Discovery.SigningAlgorithms);
        var active = await changed.Get<SigningKeys>().ActiveAsync(CancellationToken.None);
        Assert.Equal($"signing key {rsa.Kid}", $"{active}");
    }

    [Fact]
    public async Task Both_documents_follow_the_issuer_to_another_host_and_path()
    {
        await using var installation = await KeyProcess.InstallAsync(DatabaseProvider.Sqlite, services =>
            services.Configure<IssuerOptions>(issuer => issuer.Issuer = "https://identity.example.com/tenants/one/"));

        var discovery = (await installation.Get<IssuerDocuments>().ReadAsync(CancellationToken.None)).Discovery;

        Assert.Equal("https://identity.example.com/tenants/one", discovery.Issuer);
        Assert.Equal("https://identity.example.com/tenants/one/.well-known/jwks", discovery.KeySetUri);
    }

    private static string Hash(string canonical) => Base64UrlEncoder.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));

    private static string Expected(string file) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "WorkloadIdentity", file)).TrimEnd();
}
