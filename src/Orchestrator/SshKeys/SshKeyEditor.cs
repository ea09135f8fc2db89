using Orchestrator.Data;

namespace Orchestrator.SshKeys;

/// <summary>What somebody wants a key to be. Null: as it is.</summary>
public sealed record SshKeyEdit(string? Name, string? Value)
{
    public override string ToString() => $"edit of {Name}";
}

/// <summary>Why a key may not be so.</summary>
/// <param name="Field">The attribute at fault.</param>
public sealed record SshKeyRefusal(string Reason, string Field);

/// <summary>The rules for SSH keys.</summary>
public sealed class SshKeyEditor(SshKeyVault vault)
{
    public const int MaxNameLength = 90;
    public const string NameTaken = "Name has already been taken";

    private const int MaxValueLength = 32 * 1024;

    /// <summary>Changes the key in memory; the caller saves it.</summary>
    /// <returns>Null when it was changed.</returns>
    public SshKeyRefusal? Update(SshKey key, SshKeyEdit wanted)
    {
        if (wanted.Name is { } name && (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength || name.Any(char.IsControl)))
        {
            return new SshKeyRefusal($"A name has 1 to {MaxNameLength} characters.", "name");
        }
        if (wanted.Value is { } value && Fault(value) is { } fault)
        {
            return new SshKeyRefusal(fault, "value");
        }
        key.Name = wanted.Name ?? key.Name;
        if (wanted.Value is not null)
        {
            // ssh reads no key whose last line does not end, and none with another system's line ends.
            key.ProtectedValue = vault.Seal(key.Id, wanted.Value.ReplaceLineEndings("\n").Trim() + "\n");
        }
        return null;
    }

    /// <summary>Finds what ssh could not use, while its author is still there.</summary>
    private static string? Fault(string value)
    {
        var text = value.Trim();
        if (text.Length is 0 or > MaxValueLength)
        {
            return $"The value is a private key, of up to {MaxValueLength / 1024} KiB.";
        }
        if (text.StartsWith("PuTTY-User-Key-File", StringComparison.Ordinal))
        {
            return "This is a key in PuTTY's format. Export it in OpenSSH's.";
        }
        if (!text.StartsWith("-----BEGIN ", StringComparison.Ordinal) || !text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return "The value is a private key: text that begins with '-----BEGIN' and names a 'PRIVATE KEY'.";
        }
        if (!text.Contains("-----END ", StringComparison.Ordinal) || !text.EndsWith("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return "The key is cut off: its last line begins with '-----END'.";
        }
        return IsEncrypted(text) ? "The key has a passphrase, which nobody could enter during a run. Use one without." : null;
    }

    private static bool IsEncrypted(string text)
    {
        if (text.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            return true;
        }
        // OpenSSH's own format says in its body by what it is encrypted: a magic word, then the cipher's length and name.
        var body = string.Concat(text.Split('\n').Where(line => !line.StartsWith("-----", StringComparison.Ordinal)).Select(line => line.Trim()));
        var raw = new byte[24];
        return text.StartsWith("-----BEGIN OPENSSH", StringComparison.Ordinal)
            && body.Length >= 32
            && Convert.TryFromBase64String(body[..32], raw, out _)
            && raw.AsSpan(0, 15).SequenceEqual("openssh-key-v1\0"u8)
            && !raw.AsSpan(19, 4).SequenceEqual("none"u8);
    }
}
