using System.Security.Cryptography;
using System.Text.Json;

namespace Orchestrator.States;

/// <summary>What the platform reads from a raw state: terraform's own format, version 4.</summary>
public sealed record StateDocument(long Serial, string Lineage, string? TerraformVersion, int ResourceCount)
{
    /// <returns>Null when the bytes are not a terraform state.</returns>
    public static StateDocument? Read(ReadOnlySpan<byte> raw)
    {
        try
        {
            var reader = new Utf8JsonReader(raw);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object
                || !root.TryGetProperty("serial", out var serial) || !serial.TryGetInt64(out var number)
                || !root.TryGetProperty("lineage", out var lineage) || lineage.GetString() is not { } line)
            {
                return null;
            }
            var version = root.TryGetProperty("terraform_version", out var written) ? written.GetString() : null;
            return version is { Length: > StateVersion.MaxTerraformVersionLength } || version?.Any(char.IsControl) == true
                ? null
                : new StateDocument(number, line, version, CountResources(root));
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

#pragma warning disable CA5351 // The API's clients declare MD5; it guards against a broken upload, not against an attacker.
    public static string Md5Of(byte[] raw) => Convert.ToHexStringLower(MD5.HashData(raw));
#pragma warning restore CA5351

    private static int CountResources(JsonElement root)
    {
        if (!root.TryGetProperty("resources", out var resources) || resources.ValueKind != JsonValueKind.Array)
        {
            return 0;
        }
        return resources.EnumerateArray()
            .Where(resource => resource.TryGetProperty("mode", out var mode) && mode.ValueEquals("managed"))
            .Sum(resource => resource.TryGetProperty("instances", out var instances) ? instances.GetArrayLength() : 0);
    }
}
