using System.Text.Json;

namespace Orchestrator.Web.Pages.Runs;

/// <summary>A resource of the configuration with all its instances.</summary>
/// <param name="Kind">The worst that happens to one of them; null: it stays, and something that changes depends on it.</param>
/// <param name="Column">How many others it depends on, one after the other; those stand to the left.</param>
public sealed record GraphNode(string Address, ChangeKind? Kind, int Instances, int Column, int Row);

/// <summary>What a plan changes and what of it depends on what, laid out in columns.</summary>
/// <param name="Edges">Places in the list of nodes: the first depends on the second.</param>
public sealed record PlanGraph(IReadOnlyList<GraphNode> Nodes, IReadOnlyList<(int From, int To)> Edges, int Columns, int Rows)
{
    private const int MaxNodes = 120;

    /// <returns>Null when nothing changes, or too much to be drawn.</returns>
    internal static PlanGraph? Of(JsonElement root, IReadOnlyList<(string Address, ChangeKind Kind)> changes)
    {
        var changed = changes.Where(change => change.Kind != ChangeKind.Read).GroupBy(change => ResourceOf(change.Address))
            .ToDictionary(group => group.Key, group => (Kind: group.Min(change => change.Kind), Count: group.Count()), StringComparer.Ordinal);
        if (changed.Count is 0 or > MaxNodes)
        {
            return null;
        }
        var dependencies = ConfigurationReferences.Of(root);
        var names = changed.Keys.Concat(changed.Keys.SelectMany(name => dependencies.GetValueOrDefault(name) ?? []))
            .Distinct(StringComparer.Ordinal).Take(MaxNodes).ToList();
        var places = names.Select((name, at) => (name, at)).ToDictionary(pair => pair.name, pair => pair.at, StringComparer.Ordinal);
        var edges = names.SelectMany((name, from) => (dependencies.GetValueOrDefault(name) ?? [])
            .Where(places.ContainsKey).Select(other => (From: from, To: places[other]))).Where(edge => edge.From != edge.To).Distinct().ToList();
        return Lay(names, changed, edges);
    }

    /// <summary>What is in a state. Nothing of it changes.</summary>
    /// <returns>Null when it is empty, or too much to be drawn.</returns>
    internal static PlanGraph? Of(IReadOnlyList<Workspaces.StateEntry> entries)
    {
        var resources = entries.GroupBy(entry => ResourceOf(entry.Address)).ToDictionary(
            group => group.Key,
            group => (Count: group.Count(), Needs: group.SelectMany(entry => entry.DependsOn).Distinct().ToList()), StringComparer.Ordinal);
        if (resources.Count is 0 or > MaxNodes)
        {
            return null;
        }
        var names = resources.Keys.ToList();
        var places = names.Select((name, at) => (name, at)).ToDictionary(pair => pair.name, pair => pair.at, StringComparer.Ordinal);
        var edges = names.SelectMany((name, from) => resources[name].Needs.Where(places.ContainsKey).Select(other => (From: from, To: places[other])))
            .Where(edge => edge.From != edge.To).Distinct().ToList();
        var laid = Lay(names, [], edges);
        return laid with { Nodes = [.. laid.Nodes.Select(node => node with { Instances = resources[node.Address].Count })] };
    }

    private static PlanGraph Lay(List<string> names, Dictionary<string, (ChangeKind Kind, int Count)> changed, List<(int From, int To)> edges)
    {
        var needs = edges.ToLookup(edge => edge.From, edge => edge.To);
        var columns = new int?[names.Count];
        for (var at = 0; at < names.Count; at++)
        {
            ColumnOf(at, needs, columns, []);
        }
        var rows = new int[names.Count];
        foreach (var column in Enumerable.Range(0, names.Count).GroupBy(at => columns[at]!.Value).OrderBy(column => column.Key))
        {
            // Near what they depend on; where that says nothing, the worst first.
            var ordered = column
                .OrderBy(at => needs[at].Any() ? needs[at].Average(other => rows[other]) : 0)
                .ThenBy(at => changed.TryGetValue(names[at], out var change) ? (int)change.Kind : int.MaxValue)
                .ThenBy(at => names[at], StringComparer.Ordinal);
            foreach (var (at, row) in ordered.Select((at, row) => (at, row)))
            {
                rows[at] = row;
            }
        }
        return new PlanGraph(
            [.. names.Select((name, at) => changed.TryGetValue(name, out var change)
                ? new GraphNode(name, change.Kind, change.Count, columns[at]!.Value, rows[at])
                : new GraphNode(name, null, 1, columns[at]!.Value, rows[at]))],
            edges, columns.Max()!.Value + 1, rows.Max() + 1);
    }

    private static int ColumnOf(int at, ILookup<int, int> needs, int?[] columns, HashSet<int> above)
    {
        if (columns[at] is { } known)
        {
            return known;
        }
        // Terraform refuses circles; a plan that nobody should have made must not hang the page.
        if (!above.Add(at))
        {
            return 0;
        }
        var column = needs[at].Select(other => ColumnOf(other, needs, columns, above) + 1).DefaultIfEmpty(0).Max();
        above.Remove(at);
        columns[at] = column;
        return column;
    }

    /// <summary>The resource that an instance is of: <c>module.a["b"].type.name[0]</c> is <c>module.a.type.name</c>.</summary>
    internal static string ResourceOf(string address)
    {
        var name = new System.Text.StringBuilder(address.Length);
        var (depth, isQuoted) = (0, false);
        for (var at = 0; at < address.Length; at++)
        {
            var character = address[at];
            if (isQuoted)
            {
                isQuoted = character != '"';
                at += character == '\\' ? 1 : 0;
            }
            else if (character == '"' && depth > 0)
            {
                isQuoted = true;
            }
            else if (character is '[' or ']')
            {
                depth += character == '[' ? 1 : -1;
            }
            else if (depth == 0)
            {
                name.Append(character);
            }
        }
        return name.ToString();
    }
}
