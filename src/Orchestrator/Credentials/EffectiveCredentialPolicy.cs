using System.Text.RegularExpressions;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials;

/// <summary>What applies to a workspace, all three levels taken together.</summary>
public sealed record EffectiveCredentialPolicy(
    CredentialDelivery Delivery, SpeculativeCredentials Speculative, bool ReadOnlyPlan, bool SessionTags,
    IReadOnlyList<IReadOnlyList<string>> AllowedRoles, SubjectTemplate Subject)
{
    public static EffectiveCredentialPolicy Of(CredentialPolicy? workspace, CredentialPolicy? project, CredentialPolicy? organization) =>
        new CredentialPolicyLevels(workspace, project, organization).Effective;

    /// <summary>True when every level that has a list has the role on it.</summary>
    public bool Allows(string role) => AllowedRoles.All(list => list.Any(pattern => Matches(pattern, role)));

    private static bool Matches(string pattern, string role) => pattern.Contains(':', StringComparison.Ordinal)
        ? Regex.IsMatch(role, @"\A" + Regex.Escape(pattern).Replace(@"\*", ".*", StringComparison.Ordinal) + @"\z",
            RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)
        : role.Split(':') is [_, _, _, _, var account, ..] && account == pattern;
}
