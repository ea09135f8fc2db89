using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;
using Orchestrator.Variables;

namespace Orchestrator.Tests.Variables;

/// <summary>Which sets reach a workspace, and that its runs freeze what they say.</summary>
public sealed class WorkspaceVariablesTests
{
    [Theory, EachDatabase]
    public async Task A_workspace_gets_its_own_values_by_key(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (mine, others) = (await installation.WorkspaceAsync(), await installation.WorkspaceAsync());
        await installation.VariableAsync(mine.Id, "b", "2", sensitive: true);
        await installation.VariableAsync(mine.Id, "a", "1", VariableCategory.Env);
        await installation.VariableAsync(others.Id, "c", "3");

        var opened = await installation.Get<WorkspaceVariables>().OpenAsync(mine.Id, CancellationToken.None);

        Assert.Equal(
            [new PlainVariable("b", VariableCategory.Terraform, "2", false, true), new PlainVariable("a", VariableCategory.Env, "1", false, false)],
            opened);
    }

    [Theory, EachDatabase]
    public async Task Sets_reach_a_workspace_by_being_global_or_assigned_to_it_or_to_its_project(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var sibling = await installation.WorkspaceInAsync(await installation.ProjectAsync(workspace.OrganizationId, "Second"));
        var stranger = await installation.WorkspaceAsync();
        var sets = installation.Get<VariableSets>();
        async Task<VariableSet> WithAsync(string name, VariableSetEdit edit, ProjectId? owner = null) => (await sets.CreateAsync(
            workspace.OrganizationId, owner, edit with { Name = name, Variables = [new(null, _ => new(name, "env", name, null, null, null))] },
            CancellationToken.None)).Set!;
        await WithAsync("GLOBAL", new() { Global = true });
        await WithAsync("PROJECT", new() { Projects = [workspace.ProjectId] });
        await WithAsync("WORKSPACE", new() { Workspaces = [workspace.Id] });
        await WithAsync("BOTH", new() { Workspaces = [workspace.Id], Projects = [workspace.ProjectId], Priority = true });
        await WithAsync("OWNED_PROJECT", new() { Projects = [workspace.ProjectId] }, workspace.ProjectId);
        await WithAsync("OWNED_WORKSPACE", new() { Workspaces = [workspace.Id], Priority = true }, workspace.ProjectId);
        await WithAsync("NOBODY", new());
        await WithAsync("OWNED_NOBODY", new(), workspace.ProjectId);

        Assert.Equal(
            [
                ("BOTH", VariableLevel.PriorityOrganizationSetOfProject), ("GLOBAL", VariableLevel.GlobalSet),
                ("OWNED_PROJECT", VariableLevel.ProjectSetOfProject), ("OWNED_WORKSPACE", VariableLevel.PriorityProjectSetOfWorkspace),
                ("PROJECT", VariableLevel.OrganizationSetOfProject), ("WORKSPACE", VariableLevel.OrganizationSetOfWorkspace),
            ],
            await LevelsAsync(installation, workspace.Id));
        Assert.Equal([("GLOBAL", VariableLevel.GlobalSet)], await LevelsAsync(installation, sibling.Id));
        Assert.Empty(await LevelsAsync(installation, stranger.Id));
        await using var db = installation.Open();
        Assert.Equal(6, await db.SetsReaching(workspace.Id).CountAsync());
        Assert.Equal(
            ["BOTH", "GLOBAL", "OWNED_PROJECT", "PROJECT"],
            await db.SetsReaching(workspace.ProjectId).Select(set => set.Name).OrderBy(name => name).ToListAsync());
    }

    [Theory, EachDatabase]
    public async Task A_workspace_that_leaves_a_project_leaves_the_projects_sets(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.WorkspaceAsync();
        var second = await installation.ProjectAsync(workspace.OrganizationId, "Second");
        var secret = await installation.Get<VariableSets>().CreateAsync(workspace.OrganizationId, workspace.ProjectId, new()
        {
            Name = "secrets of the project",
            Workspaces = [workspace.Id],
            Projects = [workspace.ProjectId],
            Variables = [new(null, _ => new("password", "terraform", "hunter2", null, null, Sensitive: true))],
        }, CancellationToken.None);
        Assert.NotNull(secret.Set);
        Assert.Single(await LevelsAsync(installation, workspace.Id));

        await using var db = installation.Open();
        await db.Workspaces.ExecuteUpdateAsync(set => set.SetProperty(row => row.ProjectId, second.Id));

        Assert.Empty(await LevelsAsync(installation, workspace.Id));
        Assert.Empty(await db.SetsReaching(workspace.Id).ToListAsync());
    }

    [Theory, EachDatabase]
    public async Task A_run_freezes_the_values_that_win_at_its_creation(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        await installation.VariableAsync(workspace.Id, "own", "workspace");
        await installation.VariableAsync(workspace.Id, "forced", "workspace");
        await installation.VariableAsync(workspace.Id, "chosen", "workspace");
        await SetAsync("forcing", priority: true, ("forced", "priority set"));
        var common = await SetAsync("common", priority: false, ("own", "set"), ("chosen", "set"), ("inherited", "set"));
        PlainVariable OfRun(string key) => new(key, VariableCategory.Terraform, "\"run\"", Hcl: true, Sensitive: false);

        var run = await installation.QueueAsync(workspace.Id, request => request with { Variables = [OfRun("forced"), OfRun("chosen")] });
        // Whatever is changed now, this run has what it has.
        await installation.Get<VariableSets>().DeleteAsync(common.Id, CancellationToken.None);

        Assert.Equal(
            [("chosen", "\"run\""), ("forced", "priority set"), ("inherited", "set"), ("own", "workspace")],
            installation.Get<RunVariables>().Open(await installation.ReadAsync(run.Id)).Select(variable => (variable.Key, variable.Value)));

        async Task<VariableSet> SetAsync(string name, bool priority, params (string, string)[] variables)
        {
            var set = await installation.SetAsync(workspace.OrganizationId, name, variables);
            return (await installation.Get<VariableSets>().UpdateAsync(set.Id, new() { Priority = priority, Workspaces = [workspace.Id] }, CancellationToken.None)).Set!;
        }
    }

    [Fact]
    public async Task A_run_whose_environment_no_program_could_be_given_is_refused_at_once()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);
        var workspace = await installation.ReadyWorkspaceAsync();
        for (var number = 0; number < 11; number++)
        {
            await installation.VariableAsync(workspace.Id, $"LARGE_{number}", new string('x', 100 * 1024), VariableCategory.Env);
        }

        var result = await installation.Get<RunQueue>().CreateAsync(new RunRequest(workspace.Id, Someone.Alice, "tfe-api"), CancellationToken.None);

        Assert.Null(result.Run);
        Assert.StartsWith("The run's environment variables have 1100 KiB together", result.Refusal, StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<(string Key, VariableLevel Level)>> LevelsAsync(Installation installation, WorkspaceId workspace) =>
        (await installation.Get<WorkspaceVariables>().ReadAsync(workspace, CancellationToken.None)).Select(value => (value.Key, value.Winner.Level));
}
