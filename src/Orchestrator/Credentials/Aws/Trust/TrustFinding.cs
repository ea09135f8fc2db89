namespace Orchestrator.Credentials.Aws.Trust;

public enum TrustSeverity
{
    /// <summary>Somebody gets in who was not meant to.</summary>
    Danger,

    /// <summary>It does not do what it seems to, or is wider than it need be.</summary>
    Warning,

    /// <summary>Worth knowing.</summary>
    Note,
}

/// <summary>Something about a trust policy that had better be changed.</summary>
/// <param name="Rule">The rule's name, e.g. <c>missing-sub</c>; it does not change.</param>
/// <param name="Place">A JSON path such as <c>$.Statement[0].Condition.StringLike['host:sub']</c>.</param>
/// <param name="Problem">What is wrong, in a sentence.</param>
/// <param name="Mend">What to write instead.</param>
public sealed record TrustFinding(TrustSeverity Severity, string Rule, string Place, string Problem, string Mend);
