using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.RunLogs;

/// <summary>The ways a secret may be written down without being meant: as itself, in JSON, in HCL, in a URL, in base64.</summary>
internal static class SecretForms
{
    /// <summary>Anything shorter is found everywhere, and masking it would only make logs unreadable.</summary>
    public const int MinLength = 4;

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<byte[]> Of(string secret) => Texts(secret)
        .Concat(Base64(secret))
        .Where(form => form.Length >= MinLength)
        .Distinct(StringComparer.Ordinal)
        .Select(Encoding.UTF8.GetBytes);

    private static IEnumerable<string> Texts(string secret)
    {
        yield return secret;
        yield return JsonSerializer.Serialize(secret)[1..^1];
        yield return JsonSerializer.Serialize(secret, Relaxed)[1..^1];
        yield return Uri.EscapeDataString(secret);
        yield return UrlEncoder.Default.Encode(secret);
        yield return Uri.EscapeDataString(secret).Replace("%20", "+", StringComparison.Ordinal);
        // Go's JSON, which terraform prints, also escapes <, > and &; HCL doubles the start of a template.
        yield return JsonSerializer.Serialize(secret, Relaxed)[1..^1]
            .Replace("<", "\\u003c", StringComparison.Ordinal)
            .Replace(">", "\\u003e", StringComparison.Ordinal)
            .Replace("&", "\\u0026", StringComparison.Ordinal);
        yield return JsonSerializer.Serialize(secret, Relaxed)[1..^1]
            .Replace("${", "$${", StringComparison.Ordinal)
            .Replace("%{", "%%{", StringComparison.Ordinal);
        // Python and curl leave slashes as they are, and some write hexadecimal digits small; PHP escapes slashes in JSON.
        yield return Uri.EscapeDataString(secret).Replace("%2F", "/", StringComparison.Ordinal);
        yield return System.Text.RegularExpressions.Regex.Replace(Uri.EscapeDataString(secret), "%[0-9A-F]{2}", hex => hex.Value.ToLowerInvariant());
        yield return JsonSerializer.Serialize(secret, Relaxed)[1..^1].Replace("/", "\\/", StringComparison.Ordinal);
        // A JSON text within a JSON text, or within what terraform prints as one.
        yield return JsonSerializer.Serialize(JsonSerializer.Serialize(secret, Relaxed)[1..^1], Relaxed)[1..^1];
        // Terraform prints a value of several lines indented, a line at a time.
        foreach (var line in secret.Split('\n'))
        {
            if (line.Trim() is { Length: >= 2 * MinLength } text)
            {
                yield return text;
            }
        }
    }

    /// <summary>A value inside a longer encoded text starts at one of three places in a group; the characters at its ends
    /// then depend on its neighbours and are left out.</summary>
    private static IEnumerable<string> Base64(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        if (bytes.Length < 2 * MinLength)
        {
            yield return Convert.ToBase64String(bytes).TrimEnd('=');
            yield break;
        }
        for (var shift = 0; shift < 3; shift++)
        {
            var encoded = Convert.ToBase64String([.. new byte[shift], .. bytes]).TrimEnd('=');
            var start = shift == 0 ? 0 : shift + 1;
            var end = (shift + bytes.Length) % 3 == 0 ? encoded.Length : encoded.Length - 1;
            yield return encoded[start..end];
            yield return encoded[start..end].Replace('+', '-').Replace('/', '_');
        }
    }
}
