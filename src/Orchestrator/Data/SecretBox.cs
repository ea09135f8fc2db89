using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Data;

/// <summary>Encrypts what rests in the database or in files. One purpose a kind of secret, and one a place: a value that somebody puts into
/// another column, or into another row, cannot be read there.</summary>
public sealed class SecretBox(IDataProtectionProvider provider, KeyRing? ring = null)
{
    private readonly IDataProtector _variables = provider.CreateProtector("Orchestrator.Variables.v1");
    private readonly IDataProtector _signingKeys = provider.CreateProtector("Orchestrator.SigningKeys.v1");
    private readonly IDataProtector _sshKeys = provider.CreateProtector("Orchestrator.SshKeys.v1");
    private readonly IDataProtector _stateOutputs = provider.CreateProtector("Orchestrator.StateOutputs.v1");
    private readonly IDataProtector _runLogs = provider.CreateProtector("Orchestrator.RunLogs.v1");
    private readonly IDataProtector _tlsKeys = provider.CreateProtector("Orchestrator.TlsKeys.v1");
    private readonly IDataProtector _notifications = provider.CreateProtector("Orchestrator.Notifications.v1");
    private readonly IDataProtector _signIn = provider.CreateProtector("Orchestrator.SignIn.v1");
    private readonly IDataProtector _auditChain = provider.CreateProtector("Orchestrator.AuditChain.v1");
    private readonly IDataProtector _vcs = provider.CreateProtector("Orchestrator.Vcs.v1");
    private readonly IDataProtector _blobs = provider.CreateProtector("Orchestrator.Blobs.v1");

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
            return OpenNow(kind, place, sealedValue);
        }
        catch (CryptographicException) when (KeyRing.KeyOf(sealedValue) is { } key && ring?.IsNews(key) == true)
        {
            return OpenSoon(kind, place, sealedValue);
        }
    }

    /// <summary>Another process has made the key a moment ago. Data Protection goes on with the ring that it has while it reads the new one.</summary>
    private (byte[] Plain, bool IsBound) OpenSoon(SecretKind kind, string place, byte[] sealedValue)
    {
        for (var patience = KeyRing.Patience; ; patience -= KeyRing.Moment)
        {
            try
            {
                return OpenNow(kind, place, sealedValue);
            }
            catch (CryptographicException) when (patience > TimeSpan.Zero)
            {
                Thread.Sleep(KeyRing.Moment);
            }
        }
    }

    private (byte[] Plain, bool IsBound) OpenNow(SecretKind kind, string place, byte[] sealedValue)
    {
        var protector = For(kind);
        try
        {
            return (protector.CreateProtector(place).Unprotect(sealedValue), true);
        }
        catch (CryptographicException)
        {
            return (protector.Unprotect(sealedValue), false);
        }
    }

    private IDataProtector For(SecretKind kind) => kind switch
    {
        SecretKind.Variable => _variables,
        SecretKind.SigningKey => _signingKeys,
        SecretKind.SshKey => _sshKeys,
        SecretKind.StateOutput => _stateOutputs,
        SecretKind.RunLog => _runLogs,
        SecretKind.TlsKey => _tlsKeys,
        SecretKind.Blob => _blobs,
        SecretKind.Notification => _notifications,
        SecretKind.SignIn => _signIn,
        SecretKind.AuditChain => _auditChain,
        SecretKind.Vcs => _vcs,
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
