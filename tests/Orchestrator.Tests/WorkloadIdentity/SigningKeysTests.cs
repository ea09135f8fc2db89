using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
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

        var key = await installation.Get<SigningKeys>().ActiveAsync(CancellationToken.None);

        var canonical = $$"""{"e":"{{Base64UrlEncoder.Encode(key.PublicKey.Exponent)}}","kty":"RSA","n":"{{Base64UrlEncoder.Encode(key.PublicKey.Modulus)}}"}""";
        Assert.Equal(Base64UrlEncoder.Encode(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))), key.Kid);
        Assert.Equal(3072, key.PublicKey.Modulus!.Length * 8);
        Assert.Null(key.PublicKey.D);
    }

    [Theory, EachDatabase]
    public async Task The_key_is_the_same_after_a_restart(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var before = await installation.Get<SigningKeys>().ActiveAsync(CancellationToken.None);
        await installation.CrashAsync();
        await using var restarted = installation.Beside();

        Assert.Equal(before.Kid, (await restarted.Get<SigningKeys>().ActiveAsync(CancellationToken.None)).Kid);
    }

    [Theory, EachDatabase]
    public async Task The_private_key_rests_encrypted(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        await installation.Get<SigningKeys>().ActiveAsync(CancellationToken.None);

        await using var db = installation.Open();
        var row = await db.SigningKeys.AsNoTracking().SingleAsync();

        using var rsa = RSA.Create();
        Assert.ThrowsAny<CryptographicException>(() => rsa.ImportPkcs8PrivateKey(row.ProtectedPrivateKey, out _));
        var plain = installation.Get<SecretBox>().Unprotect(SecretKind.SigningKey, row.ProtectedPrivateKey);
        rsa.ImportPkcs8PrivateKey(plain, out _);
        Assert.Equal(-1, row.ProtectedPrivateKey.AsSpan().IndexOf(rsa.ExportParameters(true).P));
    }

    [Theory, EachDatabase]
    public async Task Two_first_starts_at_once_agree_on_one_key(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        // Each as in a process of its own: nothing in memory is shared.
        var rings = Enumerable.Range(0, 3)
            .Select(_ => new SigningKeys(installation.Databases, installation.Get<SecretBox>(), installation.Clock)).ToArray();

        var keys = await Task.WhenAll(rings.Select(ring => Task.Run(() => ring.ActiveAsync(CancellationToken.None).AsTask())));

        Assert.Single(keys.Select(key => key.Kid).Distinct());
        await using var db = installation.Open();
        Assert.Equal(keys[0].Kid, (await db.SigningKeys.SingleAsync()).Kid);
        Array.ForEach(rings, ring => ring.Dispose());
    }

    [Theory, EachDatabase]
    public async Task A_retiring_key_is_published_and_a_retired_one_is_not(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var first = await RetireAsync(installation, SigningKeyState.Retired);
        var second = await RetireAsync(installation, SigningKeyState.Retiring);
        await installation.CrashAsync();
        await using var restarted = installation.Beside();
        var active = await restarted.Get<SigningKeys>().ActiveAsync(CancellationToken.None);

        var published = (await restarted.Get<SigningKeys>().PublishedAsync(CancellationToken.None)).Select(key => key.Kid).ToList();

        Assert.Equal([second, active.Kid], published);
        Assert.DoesNotContain(first, published);
    }

    [Fact]
    public async Task The_discovery_document_is_the_committed_one()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);

        var document = JsonSerializer.Serialize(installation.Get<IssuerDocuments>().Discovery, Indented);

        Assert.Equal(Expected("Discovery.expected.json"), document);
    }

    [Theory, EachDatabase]
    public async Task The_key_set_has_the_committed_shape_and_no_private_part(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var key = await installation.Get<SigningKeys>().ActiveAsync(CancellationToken.None);

        var document = JsonSerializer.Serialize(await installation.Get<IssuerDocuments>().KeySetAsync(CancellationToken.None), Indented);

        Assert.Equal(
            Expected("KeySet.expected.json")
                .Replace("{kid}", key.Kid, StringComparison.Ordinal)
                .Replace("{modulus}", Base64UrlEncoder.Encode(key.PublicKey.Modulus), StringComparison.Ordinal),
            document);
        Assert.Equal($"signing key {key.Kid}", $"{key}");
    }

    private static string Expected(string file) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "WorkloadIdentity", file)).TrimEnd();

    private static async Task<string> RetireAsync(Installation installation, SigningKeyState state)
    {
        installation.Clock.Advance(TimeSpan.FromDays(1));
        using var ring = new SigningKeys(installation.Databases, installation.Get<SecretBox>(), installation.Clock);
        var key = await ring.ActiveAsync(CancellationToken.None);
        await using var db = installation.Open();
        await db.SigningKeys.Where(row => row.Kid == key.Kid).ExecuteUpdateAsync(set => set.SetProperty(row => row.State, state));
        installation.Clock.Advance(TimeSpan.FromDays(1));
        return key.Kid;
    }
}
