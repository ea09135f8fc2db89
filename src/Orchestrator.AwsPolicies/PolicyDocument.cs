namespace Orchestrator.AwsPolicies;

/// <param name="Name">What explanations call it, e.g. <c>trust policy of role deploy</c>.</param>
/// <param name="AllowsVariables">Only version 2012-10-17 reads <c>${…}</c> as a variable.</param>
public sealed record PolicyDocument(string Name, bool AllowsVariables, IReadOnlyList<PolicyStatement> Statements);

public enum Effect
{
    Allow,
    Deny,
}

public sealed record PolicyStatement
{
    /// <summary>The <c>Sid</c> where there is one, else the position.</summary>
    public required string Label { get; init; }

    /// <summary>Where it stands in its document, as a JSON path.</summary>
    public required string Path { get; init; }

    public required Effect Effect { get; init; }

    /// <summary>Null in permission policies, which hold for whoever they are attached to.</summary>
    public PolicyElement? Principals { get; init; }

    public required PolicyElement Actions { get; init; }

    /// <summary>Null in trust policies, which are about the role they belong to.</summary>
    public PolicyElement? Resources { get; init; }

    public IReadOnlyList<PolicyCondition> Conditions { get; init; } = [];
}

/// <param name="Values">Alternatives, possibly with wildcards. Principals are written <c>Type:value</c>.</param>
/// <param name="Inverted">It was <c>NotAction</c>, <c>NotResource</c> or <c>NotPrincipal</c>.</param>
public sealed record PolicyElement(IReadOnlyList<string> Values, bool Inverted);

/// <param name="Path">Where the key stands in its document, as a JSON path.</param>
public sealed record PolicyCondition(ConditionOperator Operator, string Key, IReadOnlyList<string> Values, string Path);
