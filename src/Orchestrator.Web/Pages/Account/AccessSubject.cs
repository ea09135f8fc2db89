using Orchestrator.Access;

namespace Orchestrator.Web.Pages.Account;

/// <summary>One column of the table of rights: what it is about, and how far one may go, each level including those before.</summary>
internal sealed record AccessSubject(string Name, params (WorkspaceRight Right, string Word)[] Levels)
{
    public static readonly IReadOnlyList<AccessSubject> All =
    [
        new("Runs", (WorkspaceRight.ReadRuns, "read"), (WorkspaceRight.QueuePlan, "plan"), (WorkspaceRight.QueueApply, "apply")),
        new("Credentials", (WorkspaceRight.RunWithCredentials, "runs get them"), (WorkspaceRight.ManageCredentials, "manage")),
        new("Variables", (WorkspaceRight.ReadVariables, "read"), (WorkspaceRight.WriteVariables, "write")),
        new("State", (WorkspaceRight.ReadOutputs, "outputs"), (WorkspaceRight.ReadState, "read"), (WorkspaceRight.WriteState, "write")),
        new("Lock", (WorkspaceRight.Lock, "lock"), (WorkspaceRight.ForceUnlock, "force-unlock")),
        new("Settings", (WorkspaceRight.ReadSettings, "read"), (WorkspaceRight.Update, "change"), (WorkspaceRight.Delete, "delete")),
        new("Access", (WorkspaceRight.ManageAccess, "give to teams")),
    ];

    /// <summary>The furthest one may go; null where one may nothing.</summary>
    public (WorkspaceRight Right, string Word)? Of(WorkspaceRight rights) =>
        Levels.Reverse().Where(level => rights.HasFlag(level.Right)).Select(level => ((WorkspaceRight, string)?)level).FirstOrDefault();
}
