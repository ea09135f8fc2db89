namespace Orchestrator.WorkloadIdentity;

/// <summary>The rules for an issuer's address.</summary>
public static class IssuerAddress
{
    private const int AwsMaxLength = 255;

    /// <summary>What makes the address unusable for everybody, in words; null when nothing does.</summary>
    /// <remarks>OpenID Connect Discovery 1.0, section 3, but for http, which local relying parties accept.</remarks>
    public static string? Fault(string issuer)
    {
        if (!Uri.TryCreate(issuer, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
        {
            return "it is not an absolute https URL";
        }
        return url.Query.Length > 0 || url.Fragment.Length > 0 || url.UserInfo.Length > 0 || issuer.AsSpan().ContainsAny("?#")
            ? "it has a query, a fragment or a user"
            : null;
    }

    /// <summary>Why no IAM OpenID Connect provider can have this URL; null when one can.</summary>
    /// <remarks>IAM <c>CreateOpenIDConnectProvider</c>.</remarks>
    public static string? FaultForAws(string issuer) => Fault(issuer) ?? (new Uri(issuer) switch
    {
        { Scheme: not "https" } => "it does not begin with https://",
        { IsDefaultPort: false } => "it contains a port",
        _ when issuer.EndsWith('/') => "it ends in a slash",
        { IsLoopback: true } => "it is this machine's own name, which AWS cannot reach",
        _ when issuer.Length > AwsMaxLength => $"it has more than {AwsMaxLength} characters",
        _ => null,
    });
}
