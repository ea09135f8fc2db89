using Orchestrator.Data;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Vcs;

/// <summary>A connection with its secrets in the clear, for as long as somebody uses it.</summary>
/// <param name="AppKey">A GitHub App's, in PEM.</param>
public sealed record VcsSession(VcsConnection Connection, string? Token, string? AppKey, string? SshKey)
{
    public VcsService Service => Connection.Kind;

    public override string ToString() => Connection.ToString();
}

/// <summary>Seals and opens what connections keep secret, and what was delivered.</summary>
public sealed class VcsVault(SecretBox secrets)
{
    public byte[] SealToken(OAuthClientId id, string token) => secrets.Protect(SecretKind.Vcs, SealedPlaces.OfToken(id), token);

    public byte[] SealAppKey(OAuthClientId id, string key) => secrets.Protect(SecretKind.Vcs, SealedPlaces.OfAppKey(id), key);

    public byte[] SealSshKey(OAuthClientId id, string key) => secrets.Protect(SecretKind.Vcs, SealedPlaces.OfSshKey(id), key);

    public byte[] SealWebhookSecret(OAuthClientId id, string secret) => secrets.Protect(SecretKind.Vcs, SealedPlaces.OfWebhookSecret(id), secret);

    public byte[] SealBody(VcsDeliveryId id, byte[] body) => secrets.Protect(SecretKind.Vcs, SealedPlaces.OfBody(id), body);

    public VcsSession Open(VcsConnection connection) => new(
        connection,
        Open(SealedPlaces.OfToken(connection.Id), connection.ProtectedToken),
        Open(SealedPlaces.OfAppKey(connection.Id), connection.ProtectedAppKey),
        Open(SealedPlaces.OfSshKey(connection.Id), connection.ProtectedSshKey));

    public string OpenWebhookSecret(VcsConnection connection) => Open(SealedPlaces.OfWebhookSecret(connection.Id), connection.ProtectedWebhookSecret)!;

    /// <returns>Null when it is not kept any more.</returns>
    public byte[]? OpenBody(VcsDelivery delivery) => delivery.ProtectedBody is { } body
        ? secrets.Unprotect(SecretKind.Vcs, SealedPlaces.OfBody(delivery.Id), body)
        : null;

    private string? Open(string place, byte[]? value) => value is null ? null : secrets.UnprotectText(SecretKind.Vcs, place, value);
}
