using Orchestrator.AwsPolicies;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>Says in plain words how one condition looked at a token.</summary>
internal static class ConditionWords
{
    public static ElementExplanation Explain(ElementFinding finding, PolicyCondition condition, string host)
    {
        var key = TrustKey.Of(condition.Key, host);
        var untold = key.Kind == TrustKeyKind.Surroundings;
        return new ElementExplanation(
            finding.Element, finding.Operator, finding.Key, finding.Expected, finding.Actual,
            untold ? null : finding.Matched,
            untold ? $"{finding.Operator} {finding.Key} expects {OneOf(finding.Expected)}, which only AWS can tell." : Says(finding, condition, key),
            untold ? null : Hint(finding, condition, key, host));
    }

    private static string Says(ElementFinding finding, PolicyCondition condition, TrustKey key)
    {
        var test = condition.Operator;
        var name = $"{finding.Operator} {finding.Key}";
        var expected = OneOf(finding.Expected);
        var who = key.Kind == TrustKeyKind.Request ? "the request says" : "the token says";
        var actual = string.Join(", ", finding.Actual);
        return (finding.Matched, finding.Actual.Count > 0) switch
        {
            _ when test.IsNull => $"{name} asks whether the key is absent, expects '{expected}', and the key is {(finding.Actual.Count > 0 ? "there" : "absent")}.",
            (true, false) => $"{name} is true because AWS has no such key here.",
            (false, false) => $"{name} expects {expected} but AWS has no such key here.",
            (true, true) when test.Negated => $"{name} excludes {expected}, and {who} {actual}.",
            (false, true) when test.Negated => $"{name} excludes {expected}, and {who} just that: {actual}.",
            (true, true) => $"{name} expects {expected}, and {who} {actual}.",
            (false, true) => $"{name} expects {expected} but {who} {actual}{Difference(finding, test)}.",
        };
    }

    private static string OneOf(IReadOnlyList<string> values) =>
        values.Count == 1 ? values[0] : $"one of {string.Join(", ", values.Select(value => $"'{value}'"))}";

    private static string Difference(ElementFinding finding, ConditionOperator test)
    {
        if (!test.Base.StartsWith("String", StringComparison.Ordinal) || finding.Actual is not [var actual])
        {
            return "";
        }
        var nearest = SubjectDifference.Nearest(finding.Expected, actual);
        return nearest?.First(actual) is { } piece ? $"; they differ at '{piece}'" : "";
    }

    private static string? Hint(ElementFinding finding, PolicyCondition condition, TrustKey key, string host)
    {
        if (key.Trouble(host) is var (problem, mend))
        {
            return $"{problem} {mend}";
        }
        var test = condition.Operator;
        if (finding.Matched || test.Negated || test.IsNull || finding.Actual is not [var actual] || key.Kind != TrustKeyKind.Claim)
        {
            return finding.Note;
        }
        return Lookalike(finding, test, actual)
            ?? (key.Is("sub") ? SubjectHints.For(finding.Expected, actual) : null)
            ?? finding.Note
            ?? (key.Is("aud", "oaud") ? AudienceHint(finding.Expected, actual) : null);
    }

    /// <summary>Values that look the same, or mean the same with another operator.</summary>
    private static string? Lookalike(ElementFinding finding, ConditionOperator test, string actual) =>
        finding.Expected.FirstOrDefault(value => value.Trim() == actual) is not null
            ? "The policy's value begins or ends with a space."
            : test.Base != "StringLike" && finding.Expected.Any(value => ValuePattern.WithoutVariables(value).Matches(actual))
                ? $"{test.Base} takes * and ? as they are. With StringLike this value would match; better is the whole value without a wildcard."
                : finding.Expected.FirstOrDefault(value => ValuePattern.WithoutVariables(value).Matches(actual, ignoreCase: true)) is { } alike
                    ? $"Only capitals differ: the policy has '{alike}' and the token '{actual}', and {test.Base} compares them exactly."
                    : null;

    private static string AudienceHint(IReadOnlyList<string> expected, string actual) =>
        (expected.Contains("sts.amazonaws.com") ? "'sts.amazonaws.com' is what guides for other issuers use. " : "")
        + $"Write '{actual}' in the policy, or set TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE to '{expected[0]}'; the provider's client ids must hold it as well.";
}
