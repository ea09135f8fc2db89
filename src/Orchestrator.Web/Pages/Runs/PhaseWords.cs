using Orchestrator.Runs;
using Orchestrator.Web.Pages.Parts;

namespace Orchestrator.Web.Pages.Runs;

internal static class PhaseWords
{
    /// <param name="waiting">Why it has not begun.</param>
    public static string State(PhaseRecord phase, string waiting) => phase.Status switch
    {
        PhaseStatus.Pending or PhaseStatus.Unreachable => waiting,
        PhaseStatus.Queued => "Waits for a free worker.",
        PhaseStatus.Running => "Terraform is running.",
        PhaseStatus.Finished => $"Finished in {Took(phase)}.",
        PhaseStatus.Errored => $"Failed after {Took(phase)}.",
        PhaseStatus.Canceled => $"Canceled after {Took(phase)}.",
    };

    private static string Took(PhaseRecord phase) =>
        phase is { StartedAt: { } started, FinishedAt: { } finished } ? Words.Duration(finished - started) : "a moment";
}
