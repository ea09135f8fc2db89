using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Tests.Support;
using Orchestrator.Variables;
using Orchestrator.Workspaces;

namespace Orchestrator.Tests.Variables;

/// <summary>The rules of sets: what they may hold, whom they may reach, and what becomes of it.</summary>
public sealed class VariableSetsTests
{
    [Theory, EachDatabase]
    public async Task A_name_is_given_once_in_an_organization(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (here, elsewhere) = (await installation.WorkspaceAsync(), await installation.WorkspaceAsync());
        await installation.SetAsync(here.OrganizationId, "common");
        var other = await installation.SetAsync(here.OrganizationId, "Common");
        await installation.SetAsync(elsewhere.OrganizationId, "common");

        Refused(await CreateAsync(installation, here.OrganizationId, new() { Name = "common" }), "name", VariableSets.NameTaken);
        Refused(await UpdateAsync(installation, other, new() { Name = "common" }), "name", VariableSets.NameTaken);
        Assert.NotNull((await UpdateAsync(installation, other, new() { Name = "Common" })).Set);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" led by a space")]
    [InlineData("two\nlines")]
    [InlineData("nul\0")]
    [InlineData(null)]
    public async Task A_name_is_some_text_on_one_line(string? name)
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var workspace = await installation.WorkspaceAsync();

        Refused(await CreateAsync(installation, workspace.OrganizationId, new() { Name = name }), "name", VariableSets.NameRule);
        Refused(await CreateAsync(installation, workspace.OrganizationId, new() { Name = new string('x', 91) }), "name", VariableSets.NameRule);
        Refused(
            await CreateAsync(installation, workspace.OrganizationId, new() { Name = "x", Description = new string('x', 513) }),
            "description", "A description has 512 characters at most.");
        Assert.NotNull((await CreateAsync(installation, workspace.OrganizationId, new() { Name = "Ünïcode, any: *it* / 𝄞" })).Set);
    }

    [Theory, EachDatabase]
    public async Task A_set_that_a_project_owns_stays_in_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var second = await installation.ProjectAsync(workspace.OrganizationId, "Second");
        var outside = await installation.WorkspaceInAsync(second);
        var sets = installation.Get<VariableSets>();
        Refused(
            await sets.CreateAsync(workspace.OrganizationId, workspace.ProjectId, new() { Name = "global", Global = true }, CancellationToken.None),
            "global", "A set that a project owns");
        var set = (await sets.CreateAsync(workspace.OrganizationId, workspace.ProjectId, new() { Name = "owned" }, CancellationToken.None)).Set!;

        Refused(await UpdateAsync(installation, set, new() { Global = true }), "global", "A set that a project owns");
        Refused(await sets.AssignAsync(set.Id, [outside.Id], [], CancellationToken.None), "workspaces", "The project that owns the set has no workspace");
        Refused(await sets.AssignAsync(set.Id, [], [second.Id], CancellationToken.None), "projects", "A set that a project owns");
        Refused(await UpdateAsync(installation, set, new() { Projects = [second.Id] }), "projects", "A set that a project owns");
        Assert.NotNull((await sets.AssignAsync(set.Id, [workspace.Id], [workspace.ProjectId], CancellationToken.None)).Set);
    }

    [Theory, EachDatabase]
    public async Task Nothing_of_another_organization_can_be_assigned_or_be_an_owner(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (here, elsewhere) = (await installation.WorkspaceAsync(), await installation.WorkspaceAsync());
        var set = await installation.SetAsync(here.OrganizationId, "mine");
        var sets = installation.Get<VariableSets>();

        Refused(await sets.AssignAsync(set.Id, [here.Id, elsewhere.Id], [], CancellationToken.None), "workspaces", $"The organization has no workspace {elsewhere.Id}.");
        Refused(await sets.AssignAsync(set.Id, [], [elsewhere.ProjectId], CancellationToken.None), "projects", $"The organization has no project {elsewhere.ProjectId}.");
        Refused(
            await sets.CreateAsync(here.OrganizationId, elsewhere.ProjectId, new() { Name = "theirs" }, CancellationToken.None),
            "parent", "The organization has no such project.");
        // A refusal takes nothing half.
        Assert.Empty(await KeysAsync(installation, here.Id));
        await using var db = installation.Open();
        Assert.Empty(await db.VariableSetWorkspaces.ToListAsync());
    }

    [Theory, EachDatabase]
    public async Task A_global_set_is_assigned_to_nobody(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var sets = installation.Get<VariableSets>();
        var set = await installation.SetAsync(workspace.OrganizationId, "set", ("region", "eu"));
        Assert.NotNull((await sets.AssignAsync(set.Id, [workspace.Id], [workspace.ProjectId], CancellationToken.None)).Set);

        Assert.NotNull((await UpdateAsync(installation, set, new() { Global = true })).Set);
        Refused(await sets.AssignAsync(set.Id, [workspace.Id], [], CancellationToken.None), "workspaces", "The set is global");
        Refused(await UpdateAsync(installation, set, new() { Projects = [workspace.ProjectId] }), "projects", "The set is global");
        Assert.Equal(VariableLevel.GlobalSet, Assert.Single(await ReadAsync(installation, workspace.Id)).Winner.Level);

        // What it was assigned to before is forgotten.
        Assert.NotNull((await UpdateAsync(installation, set, new() { Global = false })).Set);
        Assert.Empty(await ReadAsync(installation, workspace.Id));
    }

    [Theory, EachDatabase]
    public async Task Two_global_sets_do_not_hold_the_same_variable(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (here, elsewhere) = (await installation.WorkspaceAsync(), await installation.WorkspaceAsync());
        var first = await installation.SetAsync(here.OrganizationId, "first", ("region", "eu"));
        var second = await installation.SetAsync(here.OrganizationId, "second", ("region", "us"));
        var third = await installation.SetAsync(here.OrganizationId, "third", ("zone", "a"));
        var theirs = await installation.SetAsync(elsewhere.OrganizationId, "theirs", ("region", "asia"));
        const string Rival = "The global set 'first' holds the terraform variable 'region', too.";
        Assert.NotNull((await UpdateAsync(installation, first, new() { Global = true })).Set);
        Assert.NotNull((await UpdateAsync(installation, theirs, new() { Global = true })).Set);
        Assert.NotNull((await UpdateAsync(installation, third, new() { Global = true })).Set);

        Refused(await UpdateAsync(installation, second, new() { Global = true }), "global", Rival);
        var store = installation.Get<VariableStore>();
        Refused(await store.CreateAsync(third.Id, Edit("region"), CancellationToken.None), Rival);
        var zone = await installation.VariableOfAsync(third.Id, "zone");
        Refused(await store.UpdateAsync(third.Id, zone.Id, _ => Edit("region"), CancellationToken.None), Rival);
        Refused(await CreateAsync(installation, here.OrganizationId, new() { Name = "fourth", Global = true, Variables = [New("region")] }), "global", Rival);
        Assert.NotNull((await store.CreateAsync(third.Id, Edit("region") with { Category = "env" }, CancellationToken.None)).Variable);
    }

    [Theory, EachDatabase]
    public async Task Of_many_global_sets_that_want_a_variable_at_once_one_gets_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var sets = new List<VariableSet>();
        for (var number = 0; number < 6; number++)
        {
            sets.Add(await installation.SetAsync(workspace.OrganizationId, $"set-{number}", number % 2 == 0 ? [("region", "eu")] : []));
        }
        var all = installation.Get<VariableSets>();
        foreach (var odd in sets.Where((_, index) => index % 2 == 1))
        {
            Assert.NotNull((await all.UpdateAsync(odd.Id, new() { Global = true }, CancellationToken.None)).Set);
        }

        // Half of them want to become global with it, the others are global and want to have it.
        var outcomes = await Task.WhenAll(sets.Select((set, index) => Task.Run(async () => index % 2 == 0
            ? (await all.UpdateAsync(set.Id, new() { Global = true }, CancellationToken.None)).Set is not null
            : (await installation.Get<VariableStore>().CreateAsync(set.Id, Edit("region"), CancellationToken.None)).Variable is not null)));

        Assert.Single(outcomes, won => won);
        await using var db = installation.Open();
        Assert.Single(await (from variable in db.Variables join set in db.VariableSets on variable.VariableSetId equals set.Id where set.Global select variable.Key).ToListAsync());
    }

    [Theory, EachDatabase]
    public async Task A_set_holds_a_variable_once(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var set = await installation.SetAsync(workspace.OrganizationId, "set", ("region", "eu"));
        var store = installation.Get<VariableStore>();

        Refused(await store.CreateAsync(set.Id, Edit("region"), CancellationToken.None), "Key has already been taken");
        Refused(
            await CreateAsync(installation, workspace.OrganizationId, new() { Name = "twice", Variables = [New("a"), New("b"), New("a")] }),
            "vars/2/key", "Key has already been taken");
        Refused(
            await CreateAsync(installation, workspace.OrganizationId, new() { Name = "wrong", Variables = [New("a"), New("9 lives")] }),
            "vars/1/key", "A key starts with");
        // Nothing of what was refused is there.
        await using var db = installation.Open();
        Assert.Equal("set", (await db.VariableSets.SingleAsync()).Name);
        Assert.Single(await db.Variables.ToListAsync());
    }

    [Theory, EachDatabase]
    public async Task A_sets_variables_are_replaced_as_a_whole_and_a_sensitive_one_is_kept_unseen(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var set = await installation.SetAsync(workspace.OrganizationId, "set", ("kept", "1"), ("changed", "2"), ("gone", "3"));
        var kept = await installation.VariableOfAsync(set.Id, "kept");
        await installation.Get<VariableStore>().UpdateAsync(set.Id, kept.Id, _ => new(null, null, null, null, null, Sensitive: true), CancellationToken.None);

        var result = await UpdateAsync(installation, set, new()
        {
            Variables = [new(kept.Id, null), New("changed", "22"), New("new", "4")],
        });

        Assert.NotNull(result.Set);
        await using var db = installation.Open();
        var vault = installation.Get<VariableVault>();
        Assert.Equal(
            [("changed", "22", false), ("kept", "1", true), ("new", "4", false)],
            (await db.VariablesOf(set.Id).OrderBy(row => row.Key).ToListAsync()).Select(row => (row.Key, vault.Open(row).Value, row.Sensitive)));
        Refused(await UpdateAsync(installation, set, new() { Variables = [new(Identifier.New<VariableId>(), null)] }), "vars/0", "The set has no such variable.");
    }

    [Theory, EachDatabase]
    public async Task What_is_deleted_takes_its_assignments_and_what_it_owns_along(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var second = await installation.ProjectAsync(workspace.OrganizationId, "Second");
        var set = await installation.SetAsync(workspace.OrganizationId, "set", ("region", "eu"));
        var sets = installation.Get<VariableSets>();
        await sets.CreateAsync(workspace.OrganizationId, second.Id, new() { Name = "owned", Projects = [second.Id], Variables = [New("a")] }, CancellationToken.None);
        Assert.NotNull((await sets.AssignAsync(set.Id, [workspace.Id], [workspace.ProjectId, second.Id], CancellationToken.None)).Set);
        await using var db = installation.Open();

        await db.Workspaces.Where(row => row.Id == workspace.Id).ExecuteDeleteAsync();
        await db.Projects.Where(row => row.Id == second.Id).ExecuteDeleteAsync();
        Assert.Empty(await db.VariableSetWorkspaces.AsNoTracking().ToListAsync());
        Assert.Equal(workspace.ProjectId, (await db.VariableSetProjects.AsNoTracking().SingleAsync()).ProjectId);
        Assert.Equal(["set"], await db.VariableSets.Select(row => row.Name).ToListAsync());

        Assert.True(await sets.DeleteAsync(set.Id, CancellationToken.None));
        Assert.False(await sets.DeleteAsync(set.Id, CancellationToken.None));
        Assert.Empty(await db.Variables.AsNoTracking().ToListAsync());
        Assert.Empty(await db.VariableSetProjects.AsNoTracking().ToListAsync());
    }

    [Theory, EachDatabase]
    public async Task There_are_limits_and_each_has_a_sentence(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var full = await installation.SetAsync(workspace.OrganizationId, "full");
        await using (var db = installation.Open())
        {
            db.AddRange(Enumerable.Range(0, VariableStore.MaxPerOwner).SelectMany(number => new[] { Filler(full.Id, number), Filler(workspace.Id, number) }));
            db.AddRange(Enumerable.Range(1, VariableSets.MaxPerOrganization - 1).Select(number => new VariableSet
            {
                Id = Identifier.New<VariableSetId>(),
                OrganizationId = workspace.OrganizationId,
                Name = $"filler {number}",
                CreatedAt = Installation.Start,
                UpdatedAt = Installation.Start,
            }));
            await db.SaveChangesAsync();
        }

        Refused(await CreateAsync(installation, workspace.OrganizationId, new() { Name = "one more" }), "name", "An organization has 1000 variable sets at most.");
        Refused(await installation.Get<VariableStore>().CreateAsync(full.Id, Edit("more"), CancellationToken.None), "A variable set has 1000 variables at most.");
        Refused(await installation.Get<VariableStore>().CreateAsync(workspace.Id, Edit("more"), CancellationToken.None), "A workspace has 1000 variables at most.");
        Refused(
            await UpdateAsync(installation, full, new() { Workspaces = [.. Enumerable.Range(0, 1001).Select(_ => Identifier.New<WorkspaceId>())] }),
            "workspaces", "A set is assigned to 1000 workspaces at most.");
        Refused(
            await UpdateAsync(installation, full, new() { Variables = [.. Enumerable.Range(0, 1001).Select(number => New($"k{number}"))] }),
            "vars", "A variable set has 1000 variables at most.");
    }

    [Theory, EachDatabase]
    public async Task Every_change_of_a_set_is_seen_in_its_instant(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var set = await installation.SetAsync(workspace.OrganizationId, "set", ("region", "eu"));
        var store = installation.Get<VariableStore>();
        var variable = await installation.VariableOfAsync(set.Id, "region");

        await ChangesAsync(() => store.CreateAsync(set.Id, Edit("zone"), CancellationToken.None));
        await ChangesAsync(() => store.UpdateAsync(set.Id, variable.Id, _ => Edit("area"), CancellationToken.None));
        await ChangesAsync(() => store.DeleteAsync(set.Id, variable.Id, CancellationToken.None));
        await ChangesAsync(() => UpdateAsync(installation, set, new() { Priority = true }));
        await ChangesAsync(() => installation.Get<VariableSets>().AssignAsync(set.Id, [workspace.Id], [], CancellationToken.None));
        await ChangesAsync(() => installation.Get<VariableSets>().UnassignAsync(set.Id, [workspace.Id], [], CancellationToken.None));

        async Task ChangesAsync(Func<Task> change)
        {
            installation.Clock.Advance(TimeSpan.FromMinutes(1));
            await change();
            await using var db = installation.Open();
            Assert.Equal(installation.Clock.GetUtcNow(), (await db.VariableSets.AsNoTracking().SingleAsync()).UpdatedAt);
        }
    }

    [Theory, EachDatabase]
    public async Task What_is_not_there_cannot_be_changed(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var (mine, other) = (await installation.SetAsync(workspace.OrganizationId, "mine", ("a", "1")), await installation.SetAsync(workspace.OrganizationId, "other"));
        var variable = await installation.VariableOfAsync(mine.Id, "a");
        var store = installation.Get<VariableStore>();

        Assert.Equal(VariableSetResult.NotFound, await installation.Get<VariableSets>().UpdateAsync(Identifier.New<VariableSetId>(), new(), CancellationToken.None));
        Assert.Equal(VariableEditResult.NotFound, await store.CreateAsync(Identifier.New<VariableSetId>(), Edit("a"), CancellationToken.None));
        Assert.Equal(VariableEditResult.NotFound, await store.CreateAsync(Identifier.New<WorkspaceId>(), Edit("a"), CancellationToken.None));
        // A variable of a set is not to be had through another, nor through a workspace.
        Assert.Equal(VariableEditResult.NotFound, await store.UpdateAsync(other.Id, variable.Id, _ => Edit("b"), CancellationToken.None));
        Assert.Equal(VariableEditResult.NotFound, await store.UpdateAsync(workspace.Id, variable.Id, _ => Edit("b"), CancellationToken.None));
        Assert.False(await store.DeleteAsync(workspace.Id, variable.Id, CancellationToken.None));
        Assert.False(await store.DeleteAsync(other.Id, variable.Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Many_variables_of_a_workspace_are_changed_together_or_not_at_all(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        await installation.VariableAsync(workspace.Id, "a", "1");
        await installation.VariableAsync(workspace.Id, "b", "2");
        var (a, b) = (await installation.VariableOfAsync(workspace.Id, "a"), await installation.VariableOfAsync(workspace.Id, "b"));
        var store = installation.Get<VariableStore>();
        static Func<Variable, VariableEdit> To(string? key, string value) => _ => new(key, null, value, null, null, null);

        var refused = await store.UpdateAsync(workspace.Id, [(a.Id, To(null, "11")), (b.Id, To("9 lives", "22"))], CancellationToken.None);
        Assert.Equal((1, "key"), (refused.Index, refused.Result.Field));
        Assert.Equal(["1", "2"], (await installation.Get<WorkspaceVariables>().OpenAsync(workspace.Id, CancellationToken.None)).Select(row => row.Value));

        Assert.NotNull((await store.UpdateAsync(workspace.Id, [(a.Id, To(null, "11")), (b.Id, To("c", "22"))], CancellationToken.None)).Result.Variable);
        Assert.Equal([("a", "11"), ("c", "22")], (await installation.Get<WorkspaceVariables>().OpenAsync(workspace.Id, CancellationToken.None)).Select(row => (row.Key, row.Value)));
    }

    [Theory, EachDatabase]
    public async Task An_assignment_to_what_was_deleted_meanwhile_is_known_for_that(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var set = await installation.SetAsync(workspace.OrganizationId, "set");
        await using var db = installation.Open();
        db.Add(new VariableSetWorkspace { VariableSetId = set.Id, WorkspaceId = Identifier.New<WorkspaceId>() });

        Assert.True((await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync())).WasOvertaken());
        db.ChangeTracker.Clear();
        db.Add(new VariableSet
        {
            Id = set.Id, OrganizationId = workspace.OrganizationId, Name = "another", CreatedAt = Installation.Start, UpdatedAt = Installation.Start,
        });
        Assert.False((await Assert.ThrowsAsync<DbUpdateException>(() => db.SaveChangesAsync())).WasOvertaken());
    }

    private static Variable Filler(VariableOwner owner, int number) => new()
    {
        Id = Identifier.New<VariableId>(),
        WorkspaceId = owner.WorkspaceId,
        VariableSetId = owner.VariableSetId,
        Key = $"filler_{number}",
        Category = VariableCategory.Terraform,
        ProtectedValue = [],
        VersionId = "1",
        CreatedAt = Installation.Start,
    };

    private static VariableEdit Edit(string key, string value = "x") => new(key, "terraform", value, null, null, null);

    private static VariableSetMember New(string key, string value = "x") => new(null, _ => Edit(key, value));

    private static Task<VariableSetResult> CreateAsync(Installation installation, OrganizationId organization, VariableSetEdit wanted) =>
        installation.Get<VariableSets>().CreateAsync(organization, owner: null, wanted, CancellationToken.None);

    private static Task<VariableSetResult> UpdateAsync(Installation installation, VariableSet set, VariableSetEdit wanted) =>
        installation.Get<VariableSets>().UpdateAsync(set.Id, wanted, CancellationToken.None);

    private static Task<IReadOnlyList<EffectiveVariable>> ReadAsync(Installation installation, WorkspaceId workspace) =>
        installation.Get<WorkspaceVariables>().ReadAsync(workspace, CancellationToken.None);

    private static async Task<IEnumerable<string>> KeysAsync(Installation installation, WorkspaceId workspace) =>
        (await ReadAsync(installation, workspace)).Select(variable => variable.Key);

    private static void Refused(VariableSetResult result, string field, string reason)
    {
        Assert.Null(result.Set);
        Assert.Equal(field, result.Refusal!.Field);
        Assert.StartsWith(reason, result.Refusal.Reason, StringComparison.Ordinal);
    }

    private static void Refused(VariableEditResult result, string reason)
    {
        Assert.Null(result.Variable);
        Assert.Equal("key", result.Field);
        Assert.StartsWith(reason, result.Refusal, StringComparison.Ordinal);
    }
}
