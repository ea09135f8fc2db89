using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>What somebody wants a set to be. Null: as it is, or the default.</summary>
public sealed record VariableSetEdit
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public bool? Global { get; init; }

    public bool? Priority { get; init; }

    /// <summary>All that it is to be assigned to.</summary>
    public IReadOnlyList<WorkspaceId>? Workspaces { get; init; }

    /// <summary>All that it is to be assigned to.</summary>
    public IReadOnlyList<ProjectId>? Projects { get; init; }

    /// <summary>All variables that it is to consist of.</summary>
    public IReadOnlyList<VariableSetMember>? Variables { get; init; }
}

/// <summary>One of a set's variables.</summary>
/// <param name="Id">The one that is meant; without one, that of the same key and category, or a new one.</param>
/// <param name="Edit">Null: it stays as it is.</param>
public sealed record VariableSetMember(VariableId? Id, Func<Variable?, VariableEdit>? Edit);

/// <summary>Why a set is not what somebody wanted.</summary>
/// <param name="Field">The attribute or the relation at fault, in the API's spelling; <c>vars/2/key</c> for an attribute of a variable.</param>
public sealed record VariableSetRefusal(string Reason, string Field);

/// <summary>The set, or why not; neither when there is no such set.</summary>
public sealed record VariableSetResult(VariableSet? Set, VariableSetRefusal? Refusal = null)
{
    public static readonly VariableSetResult NotFound = new(Set: null);
}
