using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>Whether there can be an OIDC provider at all, as findings of the linter.</summary>
internal static class IssuerRules
{
    private const string Place = "issuer";

    public static IEnumerable<TrustFinding> Check(string issuer) =>
        IssuerAddress.FaultForAws(issuer) is { } fault ? [Warning(Place, $"AWS makes no provider for the issuer {issuer}: {fault}.")] : [];

    public static TrustFinding PortInProvider(string place, string host) =>
        Warning(place, $"AWS makes no provider for a URL with a port, and this one is for {host}.");

    public static bool HasPort(string host) => host.Split('/')[0].Contains(':');

    private static TrustFinding Warning(string place, string problem) => new(
        TrustSeverity.Warning, "issuer-url", place, problem,
        "Set Orchestrator__Issuer to a public https:// address without a port; it can differ from the address people use.");
}
