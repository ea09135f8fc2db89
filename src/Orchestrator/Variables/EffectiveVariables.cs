using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>Where a workspace is: what decides which sets reach it.</summary>
public sealed record WorkspacePlace(OrganizationId OrganizationId, ProjectId ProjectId, WorkspaceId WorkspaceId);

/// <summary>A set, and how it is assigned to one workspace.</summary>
/// <param name="ToProject">To the project that the workspace is in.</param>
/// <param name="ToWorkspace">To the workspace itself.</param>
public sealed record AssignedSet(VariableSet Set, bool ToProject, bool ToWorkspace)
{
    /// <summary>The highest level on which the set's values reach the workspace; null when they do not.</summary>
    public VariableLevel? LevelIn(WorkspacePlace workspace)
    {
        var ofProject = Set.ProjectId is not null;
        if (Set.OrganizationId != workspace.OrganizationId || (ofProject && Set.ProjectId != workspace.ProjectId))
        {
            return null;
        }
        VariableLevel?[] levels =
        [
            Set.Global && !ofProject ? Set.Priority ? VariableLevel.PriorityGlobalSet : VariableLevel.GlobalSet : null,
            ToProject ? (ofProject, Set.Priority) switch
            {
                (false, true) => VariableLevel.PriorityOrganizationSetOfProject,
                (true, true) => VariableLevel.PriorityProjectSetOfProject,
                (true, false) => VariableLevel.ProjectSetOfProject,
                (false, false) => VariableLevel.OrganizationSetOfProject,
            } : null,
            ToWorkspace ? (ofProject, Set.Priority) switch
            {
                (false, true) => VariableLevel.PriorityOrganizationSetOfWorkspace,
                (true, true) => VariableLevel.PriorityProjectSetOfWorkspace,
                (true, false) => VariableLevel.ProjectSetOfWorkspace,
                (false, false) => VariableLevel.OrganizationSetOfWorkspace,
            } : null,
        ];
        return levels.Min();
    }
}

/// <summary>A variable at one of the places where it has a value. The value itself stays sealed.</summary>
/// <param name="Stored">The workspace's or the set's; null for the run's own.</param>
/// <param name="Set">The set that it is of; null for the workspace's and the run's.</param>
/// <param name="OfTheRun">What the run was started with; null for the others.</param>
public sealed record PlacedVariable(VariableLevel Level, Variable? Stored, VariableSet? Set, PlainVariable? OfTheRun)
{
    public string Key => Stored?.Key ?? OfTheRun!.Key;

    public VariableCategory Category => Stored?.Category ?? OfTheRun!.Category;

    public bool Hcl => Stored?.Hcl ?? OfTheRun!.Hcl;

    public bool Sensitive => Stored?.Sensitive ?? OfTheRun!.Sensitive;

    /// <summary>In words: whose value it is.</summary>
    public string From => Level switch
    {
        VariableLevel.Run => "the run",
        VariableLevel.Workspace => "the workspace",
        _ => $"the variable set '{Set!.Name}'",
    };
}

/// <summary>What a variable comes to.</summary>
/// <param name="Winner">The value that is used.</param>
/// <param name="Overridden">The values that are not, highest first.</param>
public sealed record EffectiveVariable(PlacedVariable Winner, IReadOnlyList<PlacedVariable> Overridden)
{
    public string Key => Winner.Key;

    public VariableCategory Category => Winner.Category;
}

/// <summary>Decides which values terraform gets.</summary>
public static class EffectiveVariables
{
    /// <summary>For each key and category, the value on the highest level. Of sets on one level the one whose name comes first wins; of a
    /// run's own the last one.</summary>
    /// <param name="ofTheWorkspace">Its own variables.</param>
    /// <param name="ofSets">Variables of sets, each with the set; those of sets that do not reach the workspace count for nothing.</param>
    /// <returns>By category and key.</returns>
    public static IReadOnlyList<EffectiveVariable> Of(
        WorkspacePlace workspace, IEnumerable<Variable> ofTheWorkspace, IEnumerable<(AssignedSet Set, Variable Variable)> ofSets,
        IEnumerable<PlainVariable> ofTheRun)
    {
        var placed = ofTheWorkspace.Select(variable => new PlacedVariable(VariableLevel.Workspace, variable, null, null))
            .Concat(ofSets.Select(of => of.Set.LevelIn(workspace) is { } level ? new PlacedVariable(level, of.Variable, of.Set.Set, null) : null).OfType<PlacedVariable>())
            .Concat(ofTheRun.Reverse().Select(variable => new PlacedVariable(VariableLevel.Run, null, null, variable)));
        return
        [
            .. placed.GroupBy(value => (value.Category, value.Key))
                .OrderBy(values => values.Key.Category).ThenBy(values => values.Key.Key, StringComparer.Ordinal)
                .Select(values => values.OrderBy(value => value.Level).ThenBy(value => value.Set?.Name ?? "", CodePointOrder.Instance).ToArray())
                .Select(ranked => new EffectiveVariable(ranked[0], ranked[1..])),
        ];
    }

    /// <summary>Text by its code points, in which <c>U+10000</c> comes after <c>U+FFFF</c>; by UTF-16 units it would come before.</summary>
    private sealed class CodePointOrder : IComparer<string>
    {
        public static readonly CodePointOrder Instance = new();

        public int Compare(string? x, string? y)
        {
            var (left, right) = (x!.EnumerateRunes(), y!.EnumerateRunes());
            while (left.MoveNext())
            {
                if (!right.MoveNext())
                {
                    return 1;
                }
                if (left.Current != right.Current)
                {
                    return left.Current.CompareTo(right.Current);
                }
            }
            return right.MoveNext() ? -1 : 0;
        }
    }
}
