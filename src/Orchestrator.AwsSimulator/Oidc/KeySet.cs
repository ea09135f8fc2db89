using System.Text.Json;
using Orchestrator.AwsPolicies.Json;

namespace Orchestrator.AwsSimulator.Oidc;

/// <summary>An issuer's published keys.</summary>
/// <param name="FreshFor">How long the issuer lets them be kept.</param>
internal sealed record KeySet(IReadOnlyList<VerificationKey> Keys, TimeSpan FreshFor)
{
    // IAM's own limit, for each of the two kinds.
    private const int MostKeysOfAKind = 100;

    public VerificationKey? Find(string keyId) => Keys.FirstOrDefault(key => key.KeyId == keyId);

    /// <returns>Null when the document is not a key set with at least one usable key, or holds too many.</returns>
    public static KeySet? Parse(byte[] json, TimeSpan freshFor)
    {
        try
        {
            using var document = JsonDocument.Parse(json, JsonCursor.Strict);
            var keys = new JsonCursor(document.RootElement, "$").Required("keys").Items()
                .Select(VerificationKey.Read)
                .OfType<VerificationKey>()
                .ToList();
            var tooMany = keys.GroupBy(key => key.IsRsa).Any(kind => kind.Count() > MostKeysOfAKind);
            return keys.Count == 0 || tooMany ? null : new KeySet(keys, freshFor);
        }
        catch (Exception unusable) when (unusable is JsonException or JsonShapeException)
        {
            return null;
        }
    }
}
