using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Api;

/// <summary>What plans and applies have in common: a log, and a history.</summary>
internal sealed class PhaseDetails(SignedLinks links)
{
    /// <summary>Where clients read the log.</summary>
    public string LogLink(LinkKind kind, PhaseRecord phase, HttpContext context) => context.AbsoluteUrl(
        $"{ApiRoutes.Root}/logs/{(kind == LinkKind.PlanLog ? "plans" : "applies")}/{links.Make(kind, phase.RunId.Value, Caller.Of(context))}");

    public static Dictionary<string, DateTimeOffset> Timestamps(PhaseRecord phase)
    {
        var timestamps = new Dictionary<string, DateTimeOffset>();
        Add("queued-at", phase.QueuedAt);
        Add("started-at", phase.StartedAt);
        Add(phase.Status switch
        {
            PhaseStatus.Errored => "errored-at",
            PhaseStatus.Canceled => "canceled-at",
            _ => "finished-at",
        }, phase.FinishedAt);
        return timestamps;

        void Add(string name, DateTimeOffset? at)
        {
            if (at is { } known)
            {
                timestamps[name] = known;
            }
        }
    }
}
