using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Runs;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Audit;

/// <summary>What is learned about a request while it is handled, for its entry in the audit trail.</summary>
internal sealed class AuditNote
{
    private readonly List<(string Name, string? Value)> _details = [];

    /// <summary>Where the request led; null: the admission, or the route's own names, say it.</summary>
    public Scope? Scope { get; set; }

    /// <summary>Who it was, where that is proved by the request's content alone: a sign-in, a link.</summary>
    public Caller? Caller { get; set; }

    /// <summary><c>link</c>, …; null: as the caller was authenticated.</summary>
    public string? Via { get; set; }

    public string? Action { get; set; }

    public string? ResourceType { get; private set; }

    public string? ResourceId { get; private set; }

    /// <summary>Null: as the answer's status says.</summary>
    public AuditOutcome? Outcome { get; private set; }

    public bool IsRecorded { get; set; }

    /// <summary>The server failed over it, or whoever asked hung up.</summary>
    public bool IsBroken { get; set; }

    public IEnumerable<(string Name, string? Value)> Details => _details;

    /// <summary>What the request turned out to be about.</summary>
    /// <param name="type">The API's plural or the audit trail's singular.</param>
    public void About(string type, string? id) => (ResourceType, ResourceId) = (AuditWords.Singular(type), id);

    /// <summary>The log of a run's phase.</summary>
    public void AboutLog(RunPhase phase, RunId run) => About($"{EnumText.Of(phase)}_log", run.Value);

    /// <summary>Somebody asked for what they may not have, or did not prove who they are.</summary>
    public void Refuse(string? reason = null)
    {
        Outcome = AuditOutcome.Refused;
        Say("reason", reason);
    }

    /// <summary>It could not be done, though the answer's status does not say so.</summary>
    public void Fail() => Outcome ??= AuditOutcome.Failed;

    /// <param name="value">Never a secret, and never the value of anything that was set.</param>
    public void Say(string name, string? value) => _details.Add((name, value));
}

internal static class AuditNotes
{
    /// <summary>The request's note; one that nobody reads where the audit trail does not look.</summary>
    public static AuditNote Audit(this HttpContext context)
    {
        if (context.Features.Get<AuditNote>() is { } note)
        {
            return note;
        }
        note = new AuditNote();
        context.Features.Set(note);
        return note;
    }
}
