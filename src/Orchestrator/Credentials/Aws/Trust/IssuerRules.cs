namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>What IAM asks of the URL of an OIDC provider.</summary>
internal static class IssuerRules
{
    private const string Place = "issuer";

    public static IEnumerable<TrustFinding> Check(string issuer)
    {
        if (!issuer.StartsWith("https://", StringComparison.Ordinal))
        {
            yield return Warning(Place, $"AWS makes providers for https:// only, and the issuer is {issuer}.");
        }
        if (HasPort(OidcProviderArn.HostOf(issuer)))
        {
            yield return Warning(Place, $"AWS makes no provider for a URL with a port, and the issuer is {issuer}.");
        }
        if (issuer.EndsWith('/') || issuer.AsSpan().ContainsAny('?', '#'))
        {
            yield return Warning(Place, $"The issuer is {issuer}: a closing slash, '?' or '#' keeps AWS from finding the provider.");
        }
    }

    public static TrustFinding PortInProvider(string place, string host) =>
        Warning(place, $"AWS makes no provider for a URL with a port, and this one is for {host}.");

    public static bool HasPort(string host) => host.Split('/')[0].Contains(':');

    private static TrustFinding Warning(string place, string problem) => new(
        TrustSeverity.Warning, "issuer-url", place, problem,
        "Set Orchestrator__Issuer to a public https:// address without a port; it can differ from the address people use.");
}
