namespace Orchestrator.AwsSimulator.Iam;

/// <summary>An OpenID Connect provider an account trusts.</summary>
/// <param name="Url">Equal to the <c>iss</c> of its tokens, character for character.</param>
/// <param name="ClientIds">The audiences it may issue tokens for.</param>
internal sealed record OidcProvider(string AccountId, string Url, IReadOnlyList<string> ClientIds)
{
    /// <summary>The URL without its scheme: the first part of the provider's condition keys.</summary>
    public string Host => Url[(Url.IndexOf("://", StringComparison.Ordinal) + 3)..];

    public string Arn => $"arn:aws:iam::{AccountId}:oidc-provider/{Host}";
}
