using Orchestrator.AwsPolicies;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>Reads a role's trust policy as a suspicious colleague would: who gets in who was not meant to, and what does not do
/// what it seems to do.</summary>
/// <remarks>AWS refuses the worst of these for issuers it knows to be shared. For an issuer of one's own it refuses nothing.</remarks>
public static class TrustLinter
{
    // IAM counts no white space. The second number is what a quota can be raised to.
    private const int UsualLength = 2048;
    private const int GreatestLength = 4096;

    /// <param name="policy">The document, as JSON.</param>
    /// <param name="issuer">The URL of the issuer that should be trusted; null takes it from the policy's own principals.</param>
    /// <param name="accountId">The role's account; null when it is not known.</param>
    /// <returns>The gravest first; empty when there is nothing to say.</returns>
    public static IReadOnlyList<TrustFinding> Lint(string policy, string? issuer = null, string? accountId = null)
    {
        var (document, unreadable) = TrustPolicyText.Read(policy);
        if (document is null)
        {
            return [unreadable!];
        }
        var trusted = issuer is null ? null : OidcProviderArn.HostOf(issuer);
        return
        [
            .. Whole(policy, document)
                .Concat(issuer is null ? [] : IssuerRules.Check(issuer))
                .Concat(document.Statements.SelectMany(statement => Check(statement, trusted, accountId)))
                .OrderBy(finding => finding.Severity),
        ];
    }

    private static IEnumerable<TrustFinding> Whole(string text, PolicyDocument document)
    {
        var length = text.Count(character => !char.IsWhiteSpace(character));
        if (length > UsualLength)
        {
            yield return new TrustFinding(
                length > GreatestLength ? TrustSeverity.Danger : TrustSeverity.Warning, "too-long", "$",
                $"The policy has {length} characters without white space; a trust policy may have {UsualLength}, or {GreatestLength} when "
                + "AWS raises the quota.",
                "Make a role for each group of workspaces, or let fewer subjects in.");
        }
        if (!document.AllowsVariables)
        {
            yield return new TrustFinding(
                TrustSeverity.Note, "old-version", "$.Version", "This version of the policy language takes ${…} as plain text.",
                "Write \"Version\": \"2012-10-17\".");
        }
        if (!document.Statements.Any(statement => statement.Effect == Effect.Allow && StatementRules.Grants(statement, TrustEvaluator.AssumeRole)))
        {
            yield return new TrustFinding(
                TrustSeverity.Warning, "nobody", "$.Statement", $"No statement allows {TrustEvaluator.AssumeRole}, so no token gets this role.",
                $"Allow {TrustEvaluator.AssumeRole} for the issuer's provider.");
        }
    }

    private static IEnumerable<TrustFinding> Check(PolicyStatement statement, string? trusted, string? accountId)
    {
        var host = trusted
            ?? TrustPolicyText.Federated(statement).Select(value => OidcProviderArn.Find(value)?.Host).FirstOrDefault(found => found is not null);
        var always = statement.Conditions.SelectMany(condition => ConditionRules.Check(statement, condition, host));
        return statement.Effect == Effect.Deny
            ? always
            : StatementRules.Check(statement, trusted, accountId)
                .Concat(always)
                .Concat(StatementRules.Grants(statement, TrustEvaluator.AssumeRole) ? StatementRules.Missing(statement, host) : []);
    }
}
