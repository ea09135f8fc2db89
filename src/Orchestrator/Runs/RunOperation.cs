using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>What a run is for, in one word: what lists are filtered by. A run that is several of these is the first.</summary>
[StoredAsText]
public enum RunOperation
{
    /// <summary>Looks, and changes nothing. Such runs are listed only for those who ask for them.</summary>
    PlanOnly,

    SavePlan,

    Destroy,

    RefreshOnly,

    EmptyApply,

    PlanAndApply,
}
