using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Orchestrator.States;

/// <summary>What the platform reads from a raw state: terraform's own format, version 4.</summary>
public sealed class StateDocument
{
    // Values may be nested deeper than the reader's own 64; this deep only a bomb is.
    internal static readonly JsonDocumentOptions Options = new() { MaxDepth = 512 };

    private StateDocument(int format, long serial, string lineage, string? terraformVersion, StateContents contents, IReadOnlyList<StateValue> outputs) =>
        (Format, Serial, Lineage, TerraformVersion, Contents, Outputs) = (format, serial, lineage, terraformVersion, contents, outputs);

    public int Format { get; }

    public long Serial { get; }

    public string Lineage { get; }

    public string? TerraformVersion { get; }

    public StateContents Contents { get; }

    /// <summary>The outputs of the root module, in the document's order. Their values are secrets.</summary>
    public IReadOnlyList<StateValue> Outputs { get; }

    /// <returns>Null when the bytes are not a terraform state.</returns>
    public static StateDocument? Read(ReadOnlyMemory<byte> raw)
    {
        try
        {
            using var document = JsonDocument.Parse(raw, Options);
            var root = document.RootElement;
            var version = root.TryGetProperty("terraform_version", out var written) ? written.GetString() : null;
            var serial = root.GetProperty("serial").GetInt64();
            var outputs = StateValue.AllOf(root);
            return serial is >= 0 and <= StateVersion.MaxSerial
                && root.GetProperty("lineage").GetString() is { } lineage
                && IsShort(lineage, StateVersion.MaxLineageLength)
                && IsShort(version, StateVersion.MaxTerraformVersionLength)
                && outputs.All(output => IsShort(output.Name, StateOutput.MaxNameLength))
                    ? new StateDocument(
                        root.GetProperty("version").GetInt32(), serial, lineage, version, StateContents.Of(root), outputs)
                    : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The same state under another serial, and not a byte of it different otherwise.</summary>
    public static byte[] WithSerial(ReadOnlySpan<byte> raw, long serial)
    {
        var reader = new Utf8JsonReader(raw, new JsonReaderOptions { MaxDepth = Options.MaxDepth });
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("serial"))
            {
                reader.Read();
                var (from, to) = ((int)reader.TokenStartIndex, (int)reader.BytesConsumed);
                return [.. raw[..from], .. Encoding.ASCII.GetBytes(serial.ToString(CultureInfo.InvariantCulture)), .. raw[to..]];
            }
        }
        throw new ArgumentException("The document is not a terraform state.", nameof(raw));
    }

    /// <summary>What is kept in columns of the database must fit there; PostgreSQL holds no NUL.</summary>
    private static bool IsShort(string? text, int length) => text is null || (text.Length <= length && !text.Any(char.IsControl));

#pragma warning disable CA5351 // The API's clients declare MD5; it guards against a broken upload, not against an attacker.
    public static string Md5Of(byte[] raw) => Convert.ToHexStringLower(MD5.HashData(raw));
#pragma warning restore CA5351
}
