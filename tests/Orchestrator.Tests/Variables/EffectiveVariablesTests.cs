using System.Text;
using CsCheck;
using Orchestrator.Data;
using Orchestrator.Variables;

namespace Orchestrator.Tests.Variables;

/// <summary>The table of levels: which of a variable's values terraform gets.</summary>
public sealed class EffectiveVariablesTests
{
    private static readonly WorkspacePlace Here = new(
        Identifier.New<OrganizationId>(), Identifier.New<ProjectId>(), Identifier.New<WorkspaceId>());

    /// <summary>HCP Terraform's table, highest first, as its documentation puts it.</summary>
    private static readonly (bool Priority, string Owner, string Scope)[] Table =
    [
        (true, "organization", "global"),
        (true, "organization", "project"),
        (true, "organization", "workspace"),
        (true, "project", "project"),
        (true, "project", "workspace"),
        (false, "", "run"),
        (false, "", "own"),
        (false, "project", "workspace"),
        (false, "project", "project"),
        (false, "organization", "workspace"),
        (false, "organization", "project"),
        (false, "organization", "global"),
    ];

    private static readonly Gen<string> Names = OneOf("a", "B", "b", "a-", "ab", "ä", "\uFFFD", "\U0001F600", "é", "z z");

    private static readonly Gen<Placed> Sets =
        from name in Names
        from priority in Gen.Bool
        from owner in OneOf("organization", "organization", "project", "another project", "another organization")
        from global in Gen.Bool
        from toProject in Gen.Bool
        from toWorkspace in Gen.Bool
        from key in OneOf("x", "y")
        from category in Gen.Enum<VariableCategory>()
        select new Placed(name, priority, owner, global, toProject, toWorkspace, key, category);

    private static readonly Gen<Situation> Situations =
        from sets in Sets.Array[0, 8]
        from own in Gen.Select(OneOf("x", "y"), Gen.Enum<VariableCategory>()).Array[0, 4]
        from run in OneOf("x", "y").Array[0, 3]
        // Names are unique in an organisation, and a key and category in a set's or a workspace's variables.
        select new Situation([.. sets.DistinctBy(set => set.Name)], [.. own.Distinct()], run);

    public static TheoryData<int, int> Pairs
    {
        get
        {
            var pairs = new TheoryData<int, int>();
            for (var higher = 0; higher < Table.Length; higher++)
            {
                for (var lower = higher + 1; lower < Table.Length; lower++)
                {
                    pairs.Add(higher, lower);
                }
            }
            return pairs;
        }
    }

    [Theory, MemberData(nameof(Pairs))]
    public void Of_two_levels_the_higher_one_wins_whatever_the_names(int higher, int lower)
    {
        foreach (var (nameOfHigher, nameOfLower) in new[] { ("a", "b"), ("b", "a") })
        {
            var situation = Place(Table[higher], nameOfHigher).And(Place(Table[lower], nameOfLower));

            var effective = Assert.Single(situation.Resolve());

            Assert.Equal(Value(Table[higher], nameOfHigher), Told(effective.Winner));
            Assert.Equal(Value(Table[lower], nameOfLower), Told(Assert.Single(effective.Overridden)));
        }
    }

    [Theory]
    [InlineData("B", "a")]
    [InlineData("a", "ab")]
    [InlineData("z", "ä")]
    [InlineData("\uFFFD", "\U0001F600")]
    public void Of_two_sets_on_one_level_the_first_by_code_points_wins(string first, string second)
    {
        foreach (var row in Table.Where(row => row.Owner.Length > 0))
        {
            var effective = Assert.Single(Place(row, second).And(Place(row, first)).Resolve());

            Assert.Equal([first, second], effective.Overridden.Prepend(effective.Winner).Select(value => value.Set!.Name));
        }
    }

    [Fact]
    public void The_last_of_a_runs_own_values_counts()
    {
        var values = EffectiveVariables.Of(Here, [], [], [OfRun("x", "first"), OfRun("x", "last")]);

        Assert.Equal("last", Assert.Single(values).Winner.OfTheRun!.Value);
    }

    [Fact]
    public void Terraform_and_environment_variables_of_one_key_are_two_variables()
    {
        var values = new Situation([], [("x", VariableCategory.Env), ("x", VariableCategory.Terraform)], ["x"]).Resolve();

        Assert.Equal(
            [(VariableCategory.Terraform, VariableLevel.Run, 1), (VariableCategory.Env, VariableLevel.Workspace, 0)],
            values.Select(value => (value.Category, value.Winner.Level, value.Overridden.Count)));
    }

    [Fact]
    public void A_set_that_reaches_a_workspace_in_several_ways_counts_on_the_highest_level_once()
    {
        foreach (var (priority, expected) in new[]
        {
            (true, VariableLevel.PriorityOrganizationSetOfProject), (false, VariableLevel.OrganizationSetOfWorkspace),
        })
        {
            var values = new Situation([new Placed("set", priority, "organization", false, true, true, "x", VariableCategory.Terraform)], [], []).Resolve();

            var value = Assert.Single(values);
            Assert.Equal(expected, value.Winner.Level);
            Assert.Empty(value.Overridden);
        }
    }

    [Fact]
    public void Sets_of_another_organization_and_of_another_project_count_for_nothing() =>
        Sets.Where(set => set.Owner.StartsWith("another", StringComparison.Ordinal)).Sample(set =>
            Assert.Empty(new Situation([set], [], []).Resolve()));

    [Fact]
    public void Every_value_that_reaches_the_workspace_is_told_once_under_its_key() => Situations.Sample(situation =>
    {
        var values = situation.Resolve();

        Assert.Equal(values.Count, values.Select(value => (value.Key, value.Category)).Distinct().Count());
        Assert.All(values, value => Assert.All(value.Overridden, other => Assert.Equal((value.Key, value.Category), (other.Key, other.Category))));
        Assert.Equal(
            situation.Reaching().Select(reaching => reaching.Told).Order(StringComparer.Ordinal),
            values.SelectMany(value => value.Overridden.Prepend(value.Winner)).Select(Told).Order(StringComparer.Ordinal));
    });

    [Fact]
    public void The_winner_and_what_it_overrides_stand_in_the_order_of_the_table() => Situations.Sample(situation =>
    {
        foreach (var value in situation.Resolve())
        {
            var expected = situation.Reaching().Where(reaching => (reaching.Key, reaching.Category) == (value.Key, value.Category))
                .OrderBy(reaching => reaching.Rank).ThenBy(reaching => Convert.ToHexString(Encoding.UTF8.GetBytes(reaching.Name)), StringComparer.Ordinal)
                .Select(reaching => reaching.Told);
            Assert.Equal(expected, value.Overridden.Prepend(value.Winner).Select(Told));
        }
    });

    [Fact]
    public void The_order_in_which_the_sets_are_read_decides_nothing() =>
        Gen.Select(Situations, Gen.Int[0, 8]).Sample((situation, turn) =>
        {
            var shuffled = situation with { Sets = [.. situation.Sets.Skip(turn).Reverse().Concat(situation.Sets.Take(turn))], Own = [.. situation.Own.Reverse()] };

            Assert.Equal(
                situation.Resolve().Select(value => string.Join('|', value.Overridden.Prepend(value.Winner).Select(Told))),
                shuffled.Resolve().Select(value => string.Join('|', value.Overridden.Prepend(value.Winner).Select(Told))));
        });

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    private static Situation Place((bool Priority, string Owner, string Scope) row, string name) => row.Scope switch
    {
        "run" => new Situation([], [], ["x"]),
        "own" => new Situation([], [("x", VariableCategory.Terraform)], []),
        _ => new Situation(
            [new Placed(name, row.Priority, row.Owner, row.Scope == "global", row.Scope == "project", row.Scope == "workspace", "x", VariableCategory.Terraform)],
            [], []),
    };

    private static string Value((bool Priority, string Owner, string Scope) row, string name) => row.Scope is "run" or "own" ? row.Scope : name;

    private static string Told(PlacedVariable value) => value.Set?.Name ?? (value.OfTheRun is null ? "own" : "run");

    private static PlainVariable OfRun(string key, string value) => new(key, VariableCategory.Terraform, value, Hcl: true, Sensitive: false);

    private sealed record Placed(
        string Name, bool Priority, string Owner, bool Global, bool ToProject, bool ToWorkspace, string Key, VariableCategory Category)
    {
        public (AssignedSet, Variable) Build()
        {
            var set = new VariableSet
            {
                Id = Identifier.New<VariableSetId>(),
                OrganizationId = Owner == "another organization" ? Identifier.New<OrganizationId>() : Here.OrganizationId,
                ProjectId = Owner switch { "project" => Here.ProjectId, "another project" => Identifier.New<ProjectId>(), _ => null },
                Name = Name,
                Global = Global,
                Priority = Priority,
                CreatedAt = DateTimeOffset.UnixEpoch,
                UpdatedAt = DateTimeOffset.UnixEpoch,
            };
            return (new AssignedSet(set, ToProject, ToWorkspace), Variable(set.Id, Key, Category));
        }

        /// <summary>Its rows of the table; none when it does not reach the workspace.</summary>
        public IEnumerable<int> Ranks() => Table.Index()
            .Where(row => row.Item.Owner == Owner && row.Item.Priority == Priority && row.Item.Scope switch
            {
                "global" => Global,
                "project" => ToProject,
                "workspace" => ToWorkspace,
                _ => false,
            })
            .Select(row => row.Index);
    }

    private sealed record Situation(Placed[] Sets, (string Key, VariableCategory Category)[] Own, string[] Run)
    {
        public Situation And(Situation other) => new([.. Sets, .. other.Sets], [.. Own, .. other.Own], [.. Run, .. other.Run]);

        public IReadOnlyList<EffectiveVariable> Resolve() => EffectiveVariables.Of(
            Here, Own.Select(own => Variable(Here.WorkspaceId, own.Key, own.Category)), Sets.Select(set => set.Build()),
            Run.Select(key => OfRun(key, "1")));

        public IEnumerable<(int Rank, string Name, string Told, string Key, VariableCategory Category)> Reaching() =>
        [
            .. Sets.Where(set => set.Ranks().Any()).Select(set => (set.Ranks().First(), set.Name, set.Name, set.Key, set.Category)),
            .. Own.Select(own => (6, "", "own", own.Key, own.Category)),
            .. Run.Select(key => (5, "", "run", key, VariableCategory.Terraform)),
        ];
    }

    private static Variable Variable(VariableOwner owner, string key, VariableCategory category) => new()
    {
        Id = Identifier.New<VariableId>(),
        WorkspaceId = owner.WorkspaceId,
        VariableSetId = owner.VariableSetId,
        Key = key,
        Category = category,
        ProtectedValue = [],
        VersionId = "1",
        CreatedAt = DateTimeOffset.UnixEpoch,
    };
}
