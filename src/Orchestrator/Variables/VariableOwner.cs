using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>Whose a variable is: a workspace's or a set's, and never both's. The rules for it are the same.</summary>
public readonly record struct VariableOwner
{
    private VariableOwner(WorkspaceId? workspace, VariableSetId? set) => (WorkspaceId, VariableSetId) = (workspace, set);

    public WorkspaceId? WorkspaceId { get; }

    public VariableSetId? VariableSetId { get; }

    /// <summary>For sentences.</summary>
    public string Kind => VariableSetId is null ? "workspace" : "variable set";

    public static implicit operator VariableOwner(WorkspaceId workspace) => new(workspace, null);

    public static implicit operator VariableOwner(VariableSetId set) => new(null, set);
}
