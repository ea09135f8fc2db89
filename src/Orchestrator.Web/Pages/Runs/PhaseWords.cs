using Orchestrator.Runs;
using Orchestrator.Terraform;
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

    public static string Of(Isolation isolation) => isolation switch
    {
        Isolation.Sandbox => "It ran in the sandbox",
        Isolation.User => "It ran without the sandbox, as a user of its own",
        Isolation.None => "It ran without the sandbox, and could read what the server can read",
    };

    private static string Took(PhaseRecord phase) =>
        phase is { StartedAt: { } started, FinishedAt: { } finished } ? Words.Duration(finished - started) : "a moment";
}
