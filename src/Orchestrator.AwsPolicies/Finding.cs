namespace Orchestrator.AwsPolicies;

/// <summary>How one policy looked at one request.</summary>
/// <param name="Policy">Which one, e.g. <c>trust policy of role deploy</c>.</param>
/// <param name="Action">The action it was asked about.</param>
public sealed record PolicyFinding(string Policy, string Action, IReadOnlyList<StatementFinding> Statements);

/// <param name="Statement">Its <c>Sid</c>, or its position.</param>
/// <param name="Effect"><c>Allow</c> or <c>Deny</c>.</param>
/// <param name="Applies">Every element matched, so the effect counts.</param>
public sealed record StatementFinding(
    string Statement, string Effect, bool Applies, IReadOnlyList<ElementFinding> Elements);

/// <param name="Element"><c>Principal</c>, <c>Action</c>, <c>Resource</c> (or their <c>Not</c> forms) or <c>Condition</c>.</param>
/// <param name="Operator">The condition operator; null for other elements.</param>
/// <param name="Key">The condition key; null for other elements.</param>
/// <param name="Expected">What the policy says.</param>
/// <param name="Actual">What the request brought; empty when the key is absent.</param>
/// <param name="Note">A hint where the result surprises people; null otherwise.</param>
public sealed record ElementFinding(
    string Element,
    string? Operator,
    string? Key,
    bool Matched,
    IReadOnlyList<string> Expected,
    IReadOnlyList<string> Actual,
    string? Note);
