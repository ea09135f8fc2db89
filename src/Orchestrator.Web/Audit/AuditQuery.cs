using Orchestrator.Data;
using Orchestrator.Data.Audit;

namespace Orchestrator.Web.Audit;

/// <summary>Reads what entries are wanted from an address.</summary>
internal static class AuditQuery
{
    public static readonly string[] Names = ["who", "what", "outcome", "since", "until"];

    /// <param name="valueOf">What the address says under a name; empty when it says nothing.</param>
    /// <returns>The filter without what means nothing, and a sentence about that.</returns>
    public static (AuditFilter Filter, string? Fault) Read(Func<string, string?> valueOf, OrganizationId? organization)
    {
        var faults = new List<string>();
        return (new AuditFilter
        {
            Organization = organization,
            Who = Text(valueOf("who")),
            What = Text(valueOf("what")),
            Outcome = Text(valueOf("outcome")) is not { } outcome ? null
                : EnumText.TryParse<AuditOutcome>(outcome, out var known) ? known
                : Wrong<AuditOutcome>("outcome", "succeeded, refused or failed"),
            Since = Time("since"),
            Until = Time("until"),
        }, faults.Count > 0 ? string.Join(' ', faults) : null);

        DateTimeOffset? Time(string name) => Text(valueOf(name)) is not { } text ? null
            : AuditFilter.TryParseTime(text, out var time) ? time
            : Wrong<DateTimeOffset>(name, "an instant, such as 2026-08-21T10:00:00Z, or a date");

        T? Wrong<T>(string name, string what) where T : struct
        {
            faults.Add($"{name} is {what}.");
            return null;
        }
    }

    private static string? Text(string? value) => value?.Trim() is { Length: > 0 } text ? text : null;
}
