using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Data.Secrets;

/// <summary>What wraps the key ring that everything at rest is encrypted with. Section <c>Orchestrator:KeyRing</c>.</summary>
/// <remarks>To change it, name the new one here and the one before under <c>Old</c>, restart every process, run 'secrets rotate', and
/// remove the old one when 'secrets check' does not miss it.</remarks>
public sealed class KeyRingOptions : KeyRingWrapping
{
    /// <summary>What keys of the ring may still be wrapped by. They are read, and never written.</summary>
    public IReadOnlyList<KeyRingWrapping> Old { get; set; } = [];

    /// <summary>How often a running process looks whether the ring has a new key.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Orchestrator__KeyRing__Watch is a time from one second to an hour.")]
    public TimeSpan Watch { get; set; } = TimeSpan.FromSeconds(30);
}

/// <summary>A certificate with its private key, or a file with a random key; or neither.</summary>
public class KeyRingWrapping
{
    /// <summary>A PEM file, with <see cref="KeyPath"/> beside it; or a PKCS#12 file with both. Its key is RSA. That it has expired does not matter.</summary>
    public string? CertificatePath { get; set; }

    public string? KeyPath { get; set; }

    /// <summary>Of the PKCS#12 file or of the encrypted key; null when it has none.</summary>
    public string? Password { get; set; }

    /// <summary>A file with at least 32 random bytes, such as <c>openssl rand -out key 64</c> writes.</summary>
    public string? KeyFile { get; set; }

    public bool IsSet => CertificatePath is { Length: > 0 } || KeyFile is { Length: > 0 };

    public override string ToString() => CertificatePath ?? KeyFile ?? "nothing";
}
