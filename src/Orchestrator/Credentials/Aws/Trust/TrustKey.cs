using Orchestrator.AwsPolicies;

namespace Orchestrator.Credentials.Aws.Trust;

internal enum TrustKeyKind
{
    /// <summary>A claim that IAM offers.</summary>
    Claim,

    /// <summary>A claim that IAM never looks at for an issuer of one's own.</summary>
    IgnoredClaim,

    /// <summary>A claim of another issuer.</summary>
    OtherIssuer,

    /// <summary>Neither AWS's key nor with an issuer before it.</summary>
    Nameless,

    /// <summary>AWS's key, with a value that follows from the token and the request.</summary>
    Request,

    /// <summary>AWS's key, with a value that only AWS sees, such as the caller's address.</summary>
    Surroundings,
}

/// <summary>A condition key, seen from the issuer that ought to be trusted.</summary>
internal sealed record TrustKey(TrustKeyKind Kind, string Issuer, string Claim)
{
    private static readonly HashSet<string> OnlyAwsSees = new(StringComparer.OrdinalIgnoreCase)
    {
        "aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp", "aws:UserAgent", "aws:Referer", "aws:RequestedRegion",
        "aws:ViaAWSService", "aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast",
    };

    /// <param name="host">The issuer without its scheme; null when any issuer will do.</param>
    public static TrustKey Of(string key, string? host)
    {
        if (key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase) || key.StartsWith("sts:", StringComparison.OrdinalIgnoreCase))
        {
            return new TrustKey(OnlyAwsSees.Contains(key) ? TrustKeyKind.Surroundings : TrustKeyKind.Request, "", key);
        }
        // The last colon: an issuer may have a port.
        var colon = key.LastIndexOf(':');
        var (issuer, claim) = colon < 0 ? ("", key) : (key[..colon], key[(colon + 1)..]);
        return new TrustKey(KindOf(issuer, claim, host), issuer, claim);
    }

    public bool Is(params string[] claims) => Kind == TrustKeyKind.Claim && claims.Contains(Claim, StringComparer.OrdinalIgnoreCase);

    /// <summary>Why IAM has no value for this key, and what to do about it; null for the keys it knows.</summary>
    public (string Problem, string Mend)? Trouble(string host) => Kind switch
    {
        TrustKeyKind.IgnoredClaim => (
            $"AWS ignores the claim {Claim}: of this issuer's tokens it offers only {string.Join(", ", WebIdentity.ClaimKeys)}.",
            Claim == "terraform_run_phase"
                ? $"The phase is the end of the subject: match {host}:sub with a value that ends in ':run_phase:plan' or ':run_phase:apply'."
                : $"What you want to tell apart has to be in the subject: match {host}:sub."),
        TrustKeyKind.OtherIssuer when OidcProviderArn.HostOf(Issuer) != Issuer => (
            $"The key begins with {Issuer[..Issuer.IndexOf("://", StringComparison.Ordinal)]}://, and AWS's keys have no scheme.",
            $"Write {host}:{Claim}."),
        TrustKeyKind.OtherIssuer when Issuer.TrimEnd('/').Equals(host, StringComparison.OrdinalIgnoreCase) => (
            $"The key has a slash after the issuer.", $"Write {host}:{Claim}."),
        TrustKeyKind.OtherIssuer => (
            $"The key is about tokens of {Issuer}, and tokens of this server have keys that begin with {host}.",
            $"Write {host}:{Claim}."),
        TrustKeyKind.Nameless => ($"The key {Claim} does not say whose claim it is.", $"Write {host}:{Claim}."),
        _ => null,
    };

    private static TrustKeyKind KindOf(string issuer, string claim, string? host)
    {
        if (issuer.Length == 0)
        {
            return TrustKeyKind.Nameless;
        }
        // IAM compares the names of keys without case.
        if (OidcProviderArn.HostOf(issuer) != issuer || issuer.EndsWith('/')
            || (host is not null && !issuer.Equals(host, StringComparison.OrdinalIgnoreCase)))
        {
            return TrustKeyKind.OtherIssuer;
        }
        return WebIdentity.ClaimKeys.Contains(claim, StringComparer.OrdinalIgnoreCase) ? TrustKeyKind.Claim : TrustKeyKind.IgnoredClaim;
    }
}
