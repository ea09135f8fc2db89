using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Data;

/// <summary>Encrypts what rests in the database or in files. One purpose a kind of secret, and one a place: a value that somebody puts into
/// another column, or into another row, cannot be read there.</summary>
public sealed class SecretBox(IDataProtectionProvider provider, KeyRing? ring = null)
{
    private readonly IDataProtector[] _protectors = [.. Enum.GetValues<SecretKind>().Select(kind => provider.CreateProtector(PurposeOf(kind)))];

    /// <param name="place">Where the value will rest: its row's key, and what tells it from others of its kind there.</param>
    public byte[] Protect(SecretKind kind, string place, byte[] plain) => For(kind).CreateProtector(place).Protect(plain);

    public byte[] Protect(SecretKind kind, string place, string plain) => Protect(kind, place, Encoding.UTF8.GetBytes(plain));

    /// <exception cref="CryptographicException">The key is not in the key ring, or the value was altered, or belongs to another kind or place.</exception>
    public byte[] Unprotect(SecretKind kind, string place, byte[] sealedValue) => Open(kind, place, sealedValue).Plain;

    public string UnprotectText(SecretKind kind, string place, byte[] sealedValue) => Encoding.UTF8.GetString(Unprotect(kind, place, sealedValue));

    /// <summary>The value, and whether it is bound to its place. Those from before places counted are not; 'secrets rotate' binds them.</summary>
    /// <exception cref="CryptographicException">As <see cref="Unprotect"/>.</exception>
    internal (byte[] Plain, bool IsBound) Open(SecretKind kind, string place, byte[] sealedValue)
    {
        try
        {
            return OpenNow(For(kind), place, sealedValue);
        }
        catch (CryptographicException)
        {
            // Another process may have made the key a moment ago. Data Protection goes on with the ring that it has while it reads the new one.
            if (KeyRing.KeyOf(sealedValue) is { } key && ring?.Newer(key) is { } newer)
            {
                return OpenNow(newer.CreateProtector(PurposeOf(kind)), place, sealedValue);
            }
            throw;
        }
    }

    private static (byte[] Plain, bool IsBound) OpenNow(IDataProtector protector, string place, byte[] sealedValue)
    {
        try
        {
            return (protector.CreateProtector(place).Unprotect(sealedValue), true);
        }
        catch (CryptographicException)
        {
            return (protector.Unprotect(sealedValue), false);
        }
    }

    private IDataProtector For(SecretKind kind) => _protectors[(int)kind];

    private static string PurposeOf(SecretKind kind) => kind switch
    {
        SecretKind.Variable => "Orchestrator.Variables.v1",
        SecretKind.SigningKey => "Orchestrator.SigningKeys.v1",
        SecretKind.SshKey => "Orchestrator.SshKeys.v1",
        SecretKind.StateOutput => "Orchestrator.StateOutputs.v1",
        SecretKind.RunLog => "Orchestrator.RunLogs.v1",
        SecretKind.TlsKey => "Orchestrator.TlsKeys.v1",
        SecretKind.Blob => "Orchestrator.Blobs.v1",
        SecretKind.Notification => "Orchestrator.Notifications.v1",
        SecretKind.SignIn => "Orchestrator.SignIn.v1",
        SecretKind.AuditChain => "Orchestrator.AuditChain.v1",
        SecretKind.Vcs => "Orchestrator.Vcs.v1",
    };
}

public enum SecretKind
{
    Variable,
    SigningKey,
    SshKey,
    StateOutput,
    RunLog,
    TlsKey,
    Blob,
    Notification,

    /// <summary>By what people prove who they are: hashes of passwords, and what their authenticators share with us.</summary>
    SignIn,

    /// <summary>No secret, but a proof that this installation wrote it.</summary>
    AuditChain,

    /// <summary>By what we reach version control, by what it proves who it is, and what it has told us.</summary>
    Vcs,
}
