using Orchestrator.AwsPolicies;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>Says in plain words how a statement's principal and action looked at a token.</summary>
internal static class ElementWords
{
    private const string Federated = "Federated:";

    public static ElementExplanation Explain(ElementFinding finding, OidcProviderArn provider)
    {
        var principal = finding.Element.EndsWith("Principal", StringComparison.Ordinal);
        string[] expected = [.. finding.Expected.Select(Bare)];
        string[] actual = [.. finding.Actual.Select(Bare)];
        var (subject, brings) = principal ? ("provider", "the token is of") : ("action", "the token needs");
        var list = string.Join(", ", expected);
        var inverted = finding.Element.StartsWith("Not", StringComparison.Ordinal);
        var says = (finding.Matched, inverted) switch
        {
            (true, false) => $"{finding.Element} covers the {subject} {actual[0]}.",
            (true, true) => $"{finding.Element} excludes {list}, and not {actual[0]}.",
            (false, true) => $"{finding.Element} excludes {list}, and {brings} {actual[0]}.",
            (false, false) => $"{finding.Element} expects {list} but {brings} {actual[0]}.",
        };
        var hint = finding.Matched || inverted ? null : principal ? PrincipalHint(expected, provider) : ActionHint(expected, actual[0]);
        return new ElementExplanation(finding.Element, null, null, expected, actual, finding.Matched, says, hint);
    }

    private static string Bare(string value) => value.StartsWith(Federated, StringComparison.Ordinal) ? value[Federated.Length..] : value;

    private static string? PrincipalHint(string[] expected, OidcProviderArn provider)
    {
        var written = expected.Select(OidcProviderArn.Find).OfType<OidcProviderArn>().ToList();
        if (written.Count == 0)
        {
            return $"A token is vouched for by an OIDC provider of the role's account. Write {{\"Federated\": \"{provider}\"}}.";
        }
        var nearest = written.Find(known => known.Host.Equals(provider.Host, StringComparison.OrdinalIgnoreCase)) ?? written[0];
        return nearest switch
        {
            _ when nearest.Host == provider.Host && nearest.Account != provider.Account =>
                $"The policy's provider is of account {nearest.Account}, and the role of {provider.Account}: STS looks for the provider in the role's own account.",
            _ when nearest.Host == provider.Host => $"The ARN's partition is {nearest.Partition}, and the role's is {provider.Partition}.",
            _ when nearest.Host.Equals(provider.Host, StringComparison.OrdinalIgnoreCase) =>
                $"Only capitals differ: this server's issuer is written {provider.Host}.",
            _ when nearest.Host.TrimEnd('/') == provider.Host => "The policy's provider has a slash at its end, and this server's issuer has none.",
            _ when OidcProviderArn.HostOf(nearest.Host) != nearest.Host => $"The ARN holds the issuer without https://. Write {provider}.",
            _ when nearest.Host.Split(':')[0] == provider.Host.Split(':')[0] => $"Only the port differs: this server's issuer is {provider.Host}.",
            _ => $"The policy trusts the issuer {nearest.Host}, and this server's is {provider.Host}. Write {provider}, also at the front of the condition keys.",
        };
    }

    private static string? ActionHint(string[] expected, string actual) =>
        actual == TrustEvaluator.AssumeRole && expected.Contains("sts:AssumeRole", StringComparer.OrdinalIgnoreCase)
            ? $"sts:AssumeRole is for callers who have AWS keys already. Write {TrustEvaluator.AssumeRole}."
            : null;
}
