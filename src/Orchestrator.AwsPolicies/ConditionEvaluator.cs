namespace Orchestrator.AwsPolicies;

/// <summary>Decides one condition, by the rules of the IAM user guide, "Condition operators".</summary>
internal static class ConditionEvaluator
{
    public static ElementFinding Evaluate(PolicyCondition condition, RequestContext context, bool allowsVariables)
    {
        var actual = context.Find(condition.Key);
        var patterns = condition.Values
            .Select(value => ValuePattern.Create(value, context, allowsVariables))
            .OfType<ValuePattern>()
            .ToList();
        var matched = Holds(condition.Operator, patterns, actual);
        return new ElementFinding(
            "Condition", condition.Operator.Name, condition.Key, matched, condition.Values, actual,
            Note(condition, actual, matched));
    }

    private static bool Holds(ConditionOperator test, List<ValuePattern> expected, IReadOnlyList<string> actual)
    {
        if (test.IsNull)
        {
            var absent = actual.Count == 0 ? "true" : "false";
            return expected.Any(value => test.Matches(value, absent));
        }

        if (actual.Count == 0 && test.IfExists)
        {
            return true;
        }

        return test.Quantifier switch
        {
            SetQuantifier.ForAnyValue => actual.Any(HoldsFor),
            // True for no values at all, which is why it must not guard an Allow.
            SetQuantifier.ForAllValues => actual.All(HoldsFor),
            _ when test.Negated => !actual.Any(MatchesAny),
            _ => actual.Any(MatchesAny),
        };

        bool MatchesAny(string value) => expected.Any(pattern => test.Matches(pattern, value));

        bool HoldsFor(string value) => MatchesAny(value) != test.Negated;
    }

    private static string? Note(PolicyCondition condition, IReadOnlyList<string> actual, bool matched)
    {
        var test = condition.Operator;
        if (actual.Count == 0 && !test.IsNull)
        {
            return matched
                ? "The key is not in the request, and this operator is true for an absent key."
                : IsUnknownClaim(condition.Key)
                    ? "The key is not in the request. Of a token's claims, AWS offers only aud, sub, oaud, amr and email."
                    : "The key is not in the request.";
        }

        if (!matched
            && test.Base is ("StringEquals" or "StringEqualsIgnoreCase")
            && condition.Values.Any(value => value.AsSpan().ContainsAny('*', '?')))
        {
            return $"{test.Base} takes * and ? literally; wildcards need StringLike.";
        }

        return null;
    }

    private static bool IsUnknownClaim(string key)
    {
        var colon = key.LastIndexOf(':');
        return colon > 0
            && key.AsSpan(0, colon) is not ("aws" or "s3" or "sts")
            && !key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase)
            && !WebIdentity.ClaimKeys.Contains(key[(colon + 1)..], StringComparer.OrdinalIgnoreCase);
    }
}
