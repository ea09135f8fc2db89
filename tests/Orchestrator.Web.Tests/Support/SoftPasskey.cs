using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;

namespace Orchestrator.Web.Tests.Support;

/// <summary>A device that signs for its person whenever it is asked to, and counts nothing (WebAuthn, sections 6.1 and 7.2).</summary>
internal sealed class SoftPasskey(Platform platform, User user) : IDisposable
{
    private const byte PresentAndVerified = 0x05;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] _id = RandomNumberGenerator.GetBytes(16);

    public static async Task<SoftPasskey> OfAsync(Platform platform, User user)
    {
        var passkey = new SoftPasskey(platform, user);
        var point = passkey._key.ExportParameters(includePrivateParameters: false).Q;
        await using var db = platform.Open();
        db.Passkeys.Add(new Passkey
        {
            Id = Identifier.New<PasskeyId>(),
            UserId = user.Id,
            CredentialId = passkey._id,
            CredentialHash = Convert.ToHexStringLower(SHA256.HashData(passkey._id)),
            Name = "soft",
            // COSE: an EC2 key for ES256 on P-256.
            PublicKey = [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20, .. point.X!, 0x22, 0x58, 0x20, .. point.Y!],
            SignCount = 0,
            Transports = "internal",
            IsUserVerified = true,
            IsBackupEligible = false,
            IsBackedUp = false,
            AttestationObject = [],
            ClientDataJson = [],
            CreatedAt = TimeProvider.System.GetUtcNow(),
        });
        await db.SaveChangesAsync();
        return passkey;
    }

    /// <summary>What a browser sends.</summary>
    public string Answer(string challenge)
    {
        var client = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["type"] = "webauthn.get",
            ["challenge"] = challenge,
            ["origin"] = platform.Address.GetLeftPart(UriPartial.Authority),
            ["crossOrigin"] = false,
        }.ToJsonString());
        byte[] authenticator = [.. SHA256.HashData(Encoding.UTF8.GetBytes(platform.Address.Host)), PresentAndVerified, 0, 0, 0, 0];
        var signature = _key.SignData([.. authenticator, .. SHA256.HashData(client)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new JsonObject
        {
            ["id"] = Text(_id),
            ["rawId"] = Text(_id),
            ["type"] = "public-key",
            ["response"] = new JsonObject
            {
                ["clientDataJSON"] = Text(client),
                ["authenticatorData"] = Text(authenticator),
                ["signature"] = Text(signature),
                ["userHandle"] = Text(Encoding.UTF8.GetBytes(user.Id.Value)),
            },
            ["clientExtensionResults"] = new JsonObject(),
        }.ToJsonString();
    }

    public void Dispose() => _key.Dispose();

    private static string Text(byte[] bytes) => Base64Url.EncodeToString(bytes);
}
