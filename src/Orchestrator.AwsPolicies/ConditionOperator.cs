namespace Orchestrator.AwsPolicies;

public enum SetQuantifier
{
    None,
    ForAnyValue,
    ForAllValues,
}

/// <summary>A condition operator with its prefix and suffix taken apart.</summary>
/// <param name="Name">As written in the policy.</param>
/// <param name="Base">Without <c>ForAnyValue:</c>, <c>ForAllValues:</c> and <c>IfExists</c>.</param>
/// <param name="IfExists">True also when the key is absent.</param>
public sealed record ConditionOperator(string Name, string Base, bool IfExists, SetQuantifier Quantifier)
{
    private const string IfExistsSuffix = "IfExists";

    private static readonly Dictionary<string, (ValueTest Test, bool Negated)> Known = new(StringComparer.Ordinal)
    {
        ["StringEquals"] = (ValueTests.SameText, false),
        ["StringNotEquals"] = (ValueTests.SameText, true),
        ["StringEqualsIgnoreCase"] = (ValueTests.SameTextIgnoringCase, false),
        ["StringNotEqualsIgnoreCase"] = (ValueTests.SameTextIgnoringCase, true),
        ["StringLike"] = (ValueTests.LikeText, false),
        ["StringNotLike"] = (ValueTests.LikeText, true),
        ["NumericEquals"] = (ValueTests.Number(order => order == 0), false),
        ["NumericNotEquals"] = (ValueTests.Number(order => order == 0), true),
        ["NumericLessThan"] = (ValueTests.Number(order => order < 0), false),
        ["NumericLessThanEquals"] = (ValueTests.Number(order => order <= 0), false),
        ["NumericGreaterThan"] = (ValueTests.Number(order => order > 0), false),
        ["NumericGreaterThanEquals"] = (ValueTests.Number(order => order >= 0), false),
        ["DateEquals"] = (ValueTests.Date(order => order == 0), false),
        ["DateNotEquals"] = (ValueTests.Date(order => order == 0), true),
        ["DateLessThan"] = (ValueTests.Date(order => order < 0), false),
        ["DateLessThanEquals"] = (ValueTests.Date(order => order <= 0), false),
        ["DateGreaterThan"] = (ValueTests.Date(order => order > 0), false),
        ["DateGreaterThanEquals"] = (ValueTests.Date(order => order >= 0), false),
        ["Bool"] = (ValueTests.SameTextIgnoringCase, false),
        ["BinaryEquals"] = (ValueTests.SameText, false),
        ["IpAddress"] = (ValueTests.InNetwork, false),
        ["NotIpAddress"] = (ValueTests.InNetwork, true),
        // For ARNs, Equals and Like are the same comparison.
        ["ArnEquals"] = (ValueTests.LikeArn, false),
        ["ArnLike"] = (ValueTests.LikeArn, false),
        ["ArnNotEquals"] = (ValueTests.LikeArn, true),
        ["ArnNotLike"] = (ValueTests.LikeArn, true),
        ["Null"] = (ValueTests.SameTextIgnoringCase, false),
    };

    public bool IsNull => Base == "Null";

    /// <summary>It is a <c>Not…</c> one: true when nothing matches, and when the key is absent.</summary>
    public bool Negated => Known[Base].Negated;

    /// <summary>Compares one value of the policy with one of the request; for a negated operator, the comparison that is
    /// negated.</summary>
    internal ValueTest Matches => Known[Base].Test;

    /// <returns>Null when IAM has no such operator.</returns>

    public static ConditionOperator? Find(string name)
    {
        var (quantifier, rest) = name.Split(':', 2) switch
        {
            ["ForAnyValue", var tail] => (SetQuantifier.ForAnyValue, tail),
            ["ForAllValues", var tail] => (SetQuantifier.ForAllValues, tail),
            _ => (SetQuantifier.None, name),
        };
        var ifExists = rest.EndsWith(IfExistsSuffix, StringComparison.Ordinal);
        var bare = ifExists ? rest[..^IfExistsSuffix.Length] : rest;
        if (!Known.ContainsKey(bare) || (bare == "Null" && (ifExists || quantifier != SetQuantifier.None)))
        {
            return null;
        }

        return new ConditionOperator(name, bare, ifExists, quantifier);
    }
}
