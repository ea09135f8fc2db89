using Orchestrator.Credentials;
using Orchestrator.Runs;

namespace Orchestrator.Web.Pages.Runs;

/// <summary>Everything the run's page shows.</summary>
/// <param name="Changes">Null while there is no plan, and when it is too large to be shown.</param>
public sealed record RunDetails(
    string Organization, string Workspace, Run Run, Plan Plan, Apply Apply, IReadOnlyList<RunEvent> Events,
    IReadOnlyList<CredentialGrant> Grants, RunChoices Choices, string Version)
{
    public PlanChanges? Changes { get; init; }

    /// <summary>What of the changes the reader asked for.</summary>
    public ChangeFilter Filter { get; init; } = new();

    public bool ChangesTooLarge { get; init; }

    /// <summary>Its configuration comes from a fork.</summary>
    public bool IsForks { get; init; }

    /// <summary>An apply of many hours renews often: the page has the beginning, the ledger has all.</summary>
    public bool HasMoreGrants { get; init; }

    /// <summary>The first line of the message, as of a commit's.</summary>
    public string Title => RunMessage.TitleOf(Run.Message);

    /// <summary>The lines after it; null when there are none.</summary>
    public string? MessageBody => RunMessage.BodyOf(Run.Message);

    public IReadOnlyList<(string Name, PhaseRecord Phase)> Phases => [("Plan", Plan), ("Apply", Apply)];

    public string Address(string action) => $"{Links.Run(Organization, Workspace, Run.Id.Value)}/{action}";

    /// <summary>Why the apply has not begun, when it has not.</summary>
    public string ApplyWaiting => Run.Status switch
    {
        RunStatus.PlannedAndFinished when Run.Options.PlanOnly => "Will not run: this run only plans.",
        RunStatus.PlannedAndFinished => "Will not run: there is nothing to change.",
        RunStatus.PlannedAndSaved => "Waits until somebody applies the saved plan.",
        _ when Run.Status.IsFinal() => "Did not run.",
        _ when RunMoves.Confirmable.Contains(Run.Status) => "Waits for a decision.",
        RunStatus.ApplyQueued or RunStatus.Confirmed => "Waits for a free worker.",
        _ when Run.Options.PlanOnly => "Will not run: this run only plans.",
        _ when Run.Options.AutoApply => "Follows by itself when the plan has changes.",
        _ => "Follows when somebody confirms the plan.",
    };

    public IEnumerable<string> OptionWords
    {
        get
        {
            if (Run.Options.IsDestroy)
            {
                yield return "destroy";
            }
            if (Run.Options.PlanOnly)
            {
                yield return "plan only";
            }
            if (Run.Options.RefreshOnly)
            {
                yield return "refresh only";
            }
            if (!Run.Options.Refresh)
            {
                yield return "without refresh";
            }
            if (Run.Options.SavePlan)
            {
                yield return "saved plan";
            }
            if (Run.Options.AutoApply)
            {
                yield return "auto-apply";
            }
            if (Run.PlansWithoutCredentials || Run.AppliesWithoutCredentials)
            {
                yield return (Run.PlansWithoutCredentials, Run.AppliesWithoutCredentials) switch
                {
                    (true, true) => "without credentials",
                    (true, false) => "plans without credentials",
                    _ => "applies without credentials",
                };
            }
            foreach (var address in Run.Options.TargetAddresses)
            {
                yield return $"target {address}";
            }
            foreach (var address in Run.Options.ReplaceAddresses)
            {
                yield return $"replace {address}";
            }
        }
    }
}
