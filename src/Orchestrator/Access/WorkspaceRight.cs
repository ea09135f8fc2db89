namespace Orchestrator.Access;

/// <summary>What somebody may do with a workspace.</summary>
[Flags]
public enum WorkspaceRight
{
    None = 0,

    /// <summary>To see that it is there, and its own document.</summary>
    See = 1 << 0,

    /// <summary>What else belongs to it: tags, notifications, triggers, the rules for its credentials. A run's terraform may not.</summary>
    ReadSettings = 1 << 1,

    /// <summary>Runs with their plans, logs and configurations.</summary>
    ReadRuns = 1 << 2,

    QueuePlan = 1 << 3,

    /// <summary>To confirm, to discard, to cancel an apply, and to queue what applies by itself.</summary>
    QueueApply = 1 << 4,

    /// <summary>To kill what does not stop.</summary>
    ForceCancel = 1 << 5,

    /// <summary>The plan as terraform wrote it, in which sensitive values are readable.</summary>
    ReadFullPlan = 1 << 6,

    ReadVariables = 1 << 7,

    WriteVariables = 1 << 8,

    ReadOutputs = 1 << 9,

    ReadState = 1 << 10,

    WriteState = 1 << 11,

    ReadMocks = 1 << 12,

    /// <summary>To lock it, and to give back one's own lock.</summary>
    Lock = 1 << 13,

    /// <summary>To take the lock from somebody else.</summary>
    ForceUnlock = 1 << 14,

    ManageRunTasks = 1 << 15,

    ManageTags = 1 << 16,

    Update = 1 << 17,

    Delete = 1 << 18,

    /// <summary>To give teams access to it.</summary>
    ManageAccess = 1 << 19,

    ManageCredentials = 1 << 20,

    /// <summary>That the runs one queues, and the applies that one confirms, get the workspace's cloud credentials.</summary>
    RunWithCredentials = 1 << 21,

    All = (1 << 22) - 1,
}
