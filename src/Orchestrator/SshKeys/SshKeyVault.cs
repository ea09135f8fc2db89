using Orchestrator.Data;
using Orchestrator.Data.Secrets;

namespace Orchestrator.SshKeys;

/// <summary>Seals and opens SSH keys.</summary>
public sealed class SshKeyVault(SecretBox secrets)
{
    public byte[] Seal(SshKeyId id, string key) => secrets.Protect(SecretKind.SshKey, SealedPlaces.Of(id), key);

    public string Open(SshKey key) => secrets.UnprotectText(SecretKind.SshKey, SealedPlaces.Of(key.Id), key.ProtectedValue);
}
