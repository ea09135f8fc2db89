using Orchestrator.Data;

namespace Orchestrator.SshKeys;

/// <summary>Seals and opens SSH keys.</summary>
public sealed class SshKeyVault(SecretBox secrets)
{
    public byte[] Seal(string key) => secrets.Protect(SecretKind.SshKey, key);

    public string Open(SshKey key) => secrets.UnprotectText(SecretKind.SshKey, key.ProtectedValue);
}
