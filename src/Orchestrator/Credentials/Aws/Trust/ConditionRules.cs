using Orchestrator.AwsPolicies;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>The traps of condition operators and keys; IAM user guide, "Condition operators".</summary>
internal static class ConditionRules
{
    /// <param name="host">The trusted issuer without its scheme; null when the statement names none.</param>
    public static IEnumerable<TrustFinding> Check(PolicyStatement statement, PolicyCondition condition, string? host)
    {
        var key = TrustKey.Of(condition.Key, host);
        var allow = statement.Effect == Effect.Allow;
        var findings = Key(condition, key, host ?? "ISSUER", allow).Concat(Comparison(condition, key));
        return allow ? findings.Concat(Allow(statement, condition, key, host)) : findings;
    }

    /// <summary>The condition is true when its key has no value in the request.</summary>
    private static bool HoldsWhenAbsent(PolicyCondition condition) => condition.Operator is var test
        && (test.IsNull
            ? condition.Values.Contains("true", StringComparer.OrdinalIgnoreCase)
            : test.IfExists || test.Quantifier == SetQuantifier.ForAllValues || (test.Negated && test.Quantifier == SetQuantifier.None));

    private static IEnumerable<TrustFinding> Key(PolicyCondition condition, TrustKey key, string host, bool allow)
    {
        if (key.Trouble(host) is not var (problem, mend))
        {
            yield break;
        }
        var rule = key.Kind == TrustKeyKind.IgnoredClaim ? "ignored-claim" : "wrong-key";
        var outcome = (HoldsWhenAbsent(condition), allow) switch
        {
            (true, true) => "The condition is true for every token.",
            (true, false) => "The condition is true for every token, so the Deny hits them all.",
            (false, true) => "The condition is true for no token.",
            (false, false) => "The condition is true for no token, so the Deny hits none.",
        };
        var severity = HoldsWhenAbsent(condition) == allow ? TrustSeverity.Danger : TrustSeverity.Warning;
        yield return new TrustFinding(severity, rule, condition.Path, $"{problem} {outcome}", mend);
    }

    private static IEnumerable<TrustFinding> Comparison(PolicyCondition condition, TrustKey key)
    {
        var test = condition.Operator;
        if (test.IsNull && condition.Values.Any(value => value.ToUpperInvariant() is not ("TRUE" or "FALSE")))
        {
            yield return new TrustFinding(
                TrustSeverity.Warning, "null", condition.Path, "Null compares with 'true' (the key is absent) or 'false' (it is there), and with nothing else.",
                "Use StringEquals to compare the value.");
        }
        if (test.Base is "StringEquals" or "StringEqualsIgnoreCase" && condition.Values.FirstOrDefault(HasWildcard) is { } literal)
        {
            yield return new TrustFinding(
                TrustSeverity.Warning, "wildcard-in-equals", condition.Path,
                $"{test.Base} takes * and ? as they are, so '{literal}' matches nothing a token says.",
                "Write the whole value; or use StringLike and keep the wildcard behind a colon.");
        }
        if (key.Kind == TrustKeyKind.Claim && !test.IsNull && !test.Base.StartsWith("String", StringComparison.Ordinal))
        {
            yield return new TrustFinding(
                TrustSeverity.Warning, "wrong-type", condition.Path, $"{test.Base} does not compare text, and {key.Claim} is text.", "Use StringEquals.");
        }
    }

    private static IEnumerable<TrustFinding> Allow(PolicyStatement statement, PolicyCondition condition, TrustKey key, string? host)
    {
        var test = condition.Operator;
        if (test.IfExists)
        {
            yield return Danger(
                "if-exists", condition, $"{test.Name} is true when the key is absent: one misspelt letter in it lets every token in.",
                $"Write {test.Base}.");
        }
        if (test.Quantifier == SetQuantifier.ForAllValues)
        {
            yield return Danger(
                "for-all-values", condition, "ForAllValues is true when there are no values at all: an absent key lets every token in.",
                key.Is("amr") ? $"Write ForAnyValue:{test.Base}." : $"Write {test.Base}.");
        }
        if (test.Negated)
        {
            yield return Negated(statement, condition, key, host);
        }
        if (test.IsNull && key.Is("sub", "aud", "oaud"))
        {
            yield return HoldsWhenAbsent(condition)
                ? new TrustFinding(
                    TrustSeverity.Warning, "null", condition.Path, $"Every token has {key.Claim}, so this is true for none.", "Use StringEquals to compare the value.")
                : new TrustFinding(
                    TrustSeverity.Warning, "null", condition.Path, $"Every token has {key.Claim}, so this is true for all.", "Use StringEquals to compare the value.");
        }
        if (test is { IsNull: false, Negated: false } && key.Is("sub"))
        {
            foreach (var finding in SubjectRules.Check(condition))
            {
                yield return finding;
            }
        }
        if (test.Base == "StringLike" && key.Is("aud", "oaud") && condition.Values.Any(HasWildcard))
        {
            yield return new TrustFinding(
                TrustSeverity.Warning, "wide-audience", condition.Path, "More than one audience is accepted.",
                "Write StringEquals with the one audience that is meant for this role.");
        }
    }

    private static TrustFinding Negated(PolicyStatement statement, PolicyCondition condition, TrustKey key, string? host)
    {
        const string Mend = "Say with StringEquals whom you trust; exceptions belong in a statement with Effect Deny.";
        return key.Kind == TrustKeyKind.Claim && StatementRules.Requires(statement, host, key.Claim)
            ? new TrustFinding(
                TrustSeverity.Note, "negated", condition.Path, $"{condition.Operator.Name} is also true when the key is absent.", Mend)
            : Danger("negated", condition, $"{condition.Operator.Name} lets everybody in but the ones it names, and everybody when the key is absent.", Mend);
    }

    private static TrustFinding Danger(string rule, PolicyCondition condition, string problem, string mend) =>
        new(TrustSeverity.Danger, rule, condition.Path, problem, mend);

    private static bool HasWildcard(string value) => value.AsSpan().ContainsAny('*', '?');
}
