using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Orchestrator.Data;

/// <summary>Encrypts what rests in the database or in blobs. One purpose a kind of secret, so that a value taken from one
/// column cannot be read through another.</summary>
public sealed class SecretBox(IDataProtectionProvider provider)
{
    private readonly IDataProtector _variables = provider.CreateProtector("Orchestrator.Variables.v1");
    private readonly IDataProtector _signingKeys = provider.CreateProtector("Orchestrator.SigningKeys.v1");
    private readonly IDataProtector _sshKeys = provider.CreateProtector("Orchestrator.SshKeys.v1");
    private readonly IDataProtector _stateOutputs = provider.CreateProtector("Orchestrator.StateOutputs.v1");
    private readonly IDataProtector _runLogs = provider.CreateProtector("Orchestrator.RunLogs.v1");
    private readonly IDataProtector _tlsKeys = provider.CreateProtector("Orchestrator.TlsKeys.v1");
    private readonly IDataProtector _notifications = provider.CreateProtector("Orchestrator.Notifications.v1");
    private readonly IDataProtector _auditChain = provider.CreateProtector("Orchestrator.AuditChain.v1");
    private readonly IDataProtector _blobs = provider.CreateProtector("Orchestrator.Blobs.v1");

    public byte[] Protect(SecretKind kind, byte[] plain) => For(kind).Protect(plain);

    public byte[] Protect(SecretKind kind, string plain) => For(kind).Protect(Encoding.UTF8.GetBytes(plain));

    /// <exception cref="System.Security.Cryptography.CryptographicException">The key is not in the key ring, or the value
    /// was altered or belongs to another kind.</exception>
    public byte[] Unprotect(SecretKind kind, byte[] sealedValue) => For(kind).Unprotect(sealedValue);

    public string UnprotectText(SecretKind kind, byte[] sealedValue) => Encoding.UTF8.GetString(For(kind).Unprotect(sealedValue));

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
        SecretKind.AuditChain => _auditChain,
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

    /// <summary>No secret, but a proof that this installation wrote it.</summary>
    AuditChain,
}
