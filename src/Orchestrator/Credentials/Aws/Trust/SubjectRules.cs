using System.Text.RegularExpressions;
using Orchestrator.AwsPolicies;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>How much a value for <c>sub</c> leaves open.</summary>
internal static partial class SubjectRules
{
    private const string Close = "Write every name to its end, with the ':' after it.";

    public static IEnumerable<TrustFinding> Check(PolicyCondition condition) => condition.Values.SelectMany(value => Check(condition, value));

    private static IEnumerable<TrustFinding> Check(PolicyCondition condition, string value)
    {
        if (Variable().IsMatch(value))
        {
            yield return Found(
                TrustSeverity.Danger, "variable", condition, $"'{value}' is filled in from the request, so the caller decides what is compared.",
                "Write the subject itself.");
            yield break;
        }
        var wildcard = value.AsSpan().IndexOfAny('*', '?');
        if (wildcard >= 0 && condition.Operator.Base != "StringLike")
        {
            // It matches nothing, which is said elsewhere.
            yield break;
        }
        if (value.Length > SubjectTemplate.MaxSubjectLength)
        {
            yield return Found(
                TrustSeverity.Warning, "long-subject", condition, $"A subject has at most {SubjectTemplate.MaxSubjectLength} characters; this value has {value.Length}.",
                "Use the subject that the workspace shows.");
        }
        if (condition.Operator.Base == "StringEqualsIgnoreCase")
        {
            yield return Found(
                TrustSeverity.Note, "ignores-case", condition, "Names that differ only in case are different organisations and workspaces.", "Write StringEquals.");
        }
        if (wildcard >= 0 && Open(value, wildcard) is var (severity, rule, problem, mend))
        {
            yield return Found(severity, rule, condition, problem, mend);
        }
        if (!HasPhase(value))
        {
            yield return wildcard >= 0
                ? Found(
                    TrustSeverity.Warning, "no-phase", condition, $"'{value}' matches plan and apply alike: whoever may plan gets what apply may do.",
                    "Make a role for each phase, and end the subject in ':run_phase:plan' or ':run_phase:apply'.")
                : Found(
                    TrustSeverity.Warning, "incomplete-subject", condition, $"'{value}' names no phase, and subjects of this server end in one.",
                    "End the subject in ':run_phase:plan' or ':run_phase:apply'.");
        }
        else if (wildcard < 0 && value.StartsWith("organization:", StringComparison.Ordinal) && !value.Contains(":project:", StringComparison.Ordinal))
        {
            yield return Found(
                TrustSeverity.Note, "incomplete-subject", condition, $"'{value}' names no project, and subjects of this server do unless their template was changed.",
                "Write 'organization:…:project:…:workspace:…:run_phase:…'.");
        }
    }

    /// <summary>What the first wildcard leaves open, the organisation before all.</summary>
    private static (TrustSeverity Severity, string Rule, string Problem, string Mend)? Open(string value, int wildcard)
    {
        if (value.AsSpan().IndexOfAnyExcept('*', '?') < 0)
        {
            return (TrustSeverity.Danger, "any-subject", $"'{value}' matches every subject: every workspace of every organisation gets the role.", Close);
        }
        var closed = value[..wildcard].Split(':');
        var begun = closed[^1];
        if (closed.Length < 3)
        {
            return begun.Length > 0 && closed.Length == 2
                ? (TrustSeverity.Danger, "open-organization", $"'{value}' also matches organisations that are named '{begun}-evil' and the like.", Close)
                : (TrustSeverity.Danger, "open-organization", $"'{value}' leaves the organisation open: every organisation of this issuer gets the role.", Close);
        }
        // Behind the workspace nothing is open but the phase, and that has a rule of its own.
        if (closed[^2] == "run_phase" || (begun.Length == 0 && closed[^3] is "workspace" or "workspace_id"))
        {
            return null;
        }
        return begun.Length > 0
            ? (TrustSeverity.Warning, "open-name", $"'{value}' also matches '{begun}-anything', and a * does not stop at a colon.", Close)
            : (TrustSeverity.Warning, "wide-subject", $"'{value}' matches many: a * stands for any number of names, colons included.",
                "Name the project and the workspace, if the role is for one.");
    }

    private static bool HasPhase(string value)
    {
        var pieces = value.Split(':');
        var label = Array.LastIndexOf(pieces, "run_phase");
        return label >= 0 && label + 1 < pieces.Length && pieces[label + 1] is "plan" or "apply";
    }

    // ${*}, ${?} and ${$} stand for the characters themselves.
    [GeneratedRegex(@"\$\{(?![*?$]\})")]
    private static partial Regex Variable();

    private static TrustFinding Found(TrustSeverity severity, string rule, PolicyCondition condition, string problem, string mend) =>
        new(severity, rule, condition.Path, problem, mend);
}
