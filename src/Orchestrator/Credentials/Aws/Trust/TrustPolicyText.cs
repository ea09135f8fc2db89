using System.Text.Json;
using Orchestrator.AwsPolicies;
using Orchestrator.AwsPolicies.Json;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>A trust policy as somebody pasted it.</summary>
internal static class TrustPolicyText
{
    private const string FederatedPrincipal = "Federated:";

    /// <returns>The policy, or where it cannot be read and why.</returns>
    public static (PolicyDocument? Policy, TrustFinding? Unreadable) Read(string text)
    {
        try
        {
            return (PolicyReader.ReadTrustPolicy(text, "trust policy"), null);
        }
        catch (JsonShapeException wrong)
        {
            return (null, Unreadable(wrong.Path, $"This is not a trust policy: {wrong.Problem}."));
        }
        catch (JsonException broken)
        {
            return (null, Unreadable($"line {broken.LineNumber + 1}", "This is not a JSON document, or it names a member twice."));
        }
        catch (InvalidOperationException)
        {
            return (null, Unreadable("$", "This document holds half of a character: an escape such as \\ud800 without its other half."));
        }
    }

    /// <summary>The providers a statement trusts, as they are written.</summary>
    public static IEnumerable<string> Federated(PolicyStatement statement) =>
        (statement.Principals?.Values ?? [])
            .Where(value => value.StartsWith(FederatedPrincipal, StringComparison.Ordinal))
            .Select(value => value[FederatedPrincipal.Length..]);

    private static TrustFinding Unreadable(string place, string problem) => new(
        TrustSeverity.Danger, "unreadable", place, problem, "Paste the whole document that the role's page shows under 'Trust relationships'.");
}
