namespace Orchestrator.Credentials.Aws.Trust;

public enum TrustAnswer
{
    Allowed,
    Refused,

    /// <summary>A condition asks for something that only AWS sees, such as the address of the caller.</summary>
    Depends,

    /// <summary>What was given is not a trust policy.</summary>
    Unreadable,
}

/// <summary>What a trust policy says to a token, and why.</summary>
/// <param name="Summary">The answer and its main reason, in a sentence or two.</param>
/// <param name="Actions">One for each action that the token needs; the exchange succeeds when all are allowed.</param>
public sealed record TrustExplanation(TrustAnswer Answer, string Summary, IReadOnlyList<ActionExplanation> Actions);

/// <param name="Action">E.g. <c>sts:AssumeRoleWithWebIdentity</c>.</param>
/// <param name="Hint">What to change about the policy as a whole; null when its statements say it.</param>
public sealed record ActionExplanation(
    string Action, TrustAnswer Answer, IReadOnlyList<StatementExplanation> Statements, string? Hint);

/// <param name="Statement">Its <c>Sid</c>, or its position.</param>
/// <param name="Place">Its JSON path.</param>
/// <param name="Effect"><c>Allow</c> or <c>Deny</c>.</param>
/// <param name="Applies">Every element matched, so the effect counts; null when that depends on what only AWS sees.</param>
public sealed record StatementExplanation(
    string Statement, string Place, string Effect, bool? Applies, IReadOnlyList<ElementExplanation> Elements);

/// <param name="Element"><c>Principal</c>, <c>Action</c> (or their <c>Not</c> forms) or <c>Condition</c>.</param>
/// <param name="Operator">The condition operator; null for other elements.</param>
/// <param name="Key">The condition key; null for other elements.</param>
/// <param name="Expected">What the policy says.</param>
/// <param name="Actual">What the token and its request bring; empty when the key is absent.</param>
/// <param name="Matched">Null when only AWS can tell.</param>
/// <param name="Says">All of this in a sentence.</param>
/// <param name="Hint">What it usually comes from, and what to change; null when there is nothing to add.</param>
public sealed record ElementExplanation(
    string Element,
    string? Operator,
    string? Key,
    IReadOnlyList<string> Expected,
    IReadOnlyList<string> Actual,
    bool? Matched,
    string Says,
    string? Hint);
