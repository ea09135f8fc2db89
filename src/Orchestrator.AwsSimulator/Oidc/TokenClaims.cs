using System.Text.Json;

namespace Orchestrator.AwsSimulator.Oidc;

/// <summary>Claims by name and type. A claim of another type than asked for counts as absent.</summary>
internal sealed class TokenClaims(JsonElement claims)
{
    public JsonElement Root => claims;

    public string? Issuer => Text("iss");

    public string? Subject => Text("sub");

    public IReadOnlyList<string> Audience => Texts("aud");

    public string? AuthorizedParty => Text("azp");

    /// <summary>What IAM compares with client ids and offers as the key <c>aud</c>: <c>azp</c> shadows <c>aud</c>.</summary>
    public IReadOnlyList<string> EffectiveAudience => AuthorizedParty is { } party ? [party] : Audience;

    public bool Has(string name) => claims.TryGetProperty(name, out _);

    public string? Text(string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A list of strings, or one string that stands for such a list.</summary>
    public IReadOnlyList<string> Texts(string name)
    {
        if (Text(name) is { } single)
        {
            return [single];
        }

        return claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(item => item.GetString()!)]
            : [];
    }

    /// <summary>An instant in whole seconds since 1970; STS takes no fractions.</summary>
    public long? Seconds(string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out var seconds) && !value.GetRawText().AsSpan().ContainsAny('.', 'e', 'E')
            ? seconds
            : null;

    /// <summary>A claim as people may read it; tokens and keys are never claims.</summary>
    public string Raw(string name) => claims.TryGetProperty(name, out var value) ? value.GetRawText() : "(absent)";
}
