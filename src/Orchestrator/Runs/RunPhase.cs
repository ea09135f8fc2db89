using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Each phase has its own token, credentials and directory.</summary>
[StoredAsText]
public enum RunPhase
{
    Plan,
    Apply,
}

[StoredAsText]
public enum PhaseStatus
{
    /// <summary>Not its turn yet; perhaps never.</summary>
    Pending,

    /// <summary>Waits for a free worker.</summary>
    Queued,

    /// <summary>Terraform runs.</summary>
    Running,

    Finished,

    Errored,

    Canceled,

    /// <summary>The run ended before this phase's turn.</summary>
    Unreachable,
}
