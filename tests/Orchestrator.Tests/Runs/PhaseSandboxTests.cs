using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.RunLogs;
using Orchestrator.Runs;
using Orchestrator.SshKeys;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;
using Orchestrator.Variables;

namespace Orchestrator.Tests.Runs;

/// <summary>Which commands of a run share a sandbox, and what they see there. Terraform is a script here, so that a sandbox has all that it needs.</summary>
public sealed class PhaseSandboxTests : IDisposable
{
    private const string Plan = "for each; do case $each in -out=*) echo plan >\"${each#-out=}\";; esac; done; ";
    private const string Show = "echo '{\"format_version\":\"1.2\",\"resource_changes\":[]}'; ";

    private readonly TemporaryDirectory _programs = new();

    private string Made => Path.Combine(_programs.Path, "made");

    public void Dispose() => _programs.Dispose();

    [Fact]
    public async Task A_plan_is_made_and_shown_in_one_sandbox_and_applied_in_another()
    {
        await using var installation = await CreateAsync(Plan + "exit 2", Show);
        var run = await QueueAsync(installation);

        await ExecuteAsync(installation, run);
        Assert.Equal(RunStatus.Planned, (await installation.ReadAsync(run)).Status);
        Assert.True((await installation.PlanOfAsync(run)).HasChanges);
        Assert.Equal("1", await File.ReadAllTextAsync(Made));

        Assert.Null((await installation.Get<RunActions>().ConfirmAsync(run, Someone.Bob, null, mayUseCredentials: true, CancellationToken.None)).Refusal);
        await ExecuteAsync(installation, run);
        Assert.Equal(RunStatus.Applied, (await installation.ReadAsync(run)).Status);
        Assert.Equal("11", await File.ReadAllTextAsync(Made));
    }

    [Fact]
    public async Task Modules_are_fetched_with_a_key_in_a_sandbox_before_that_of_the_plan()
    {
        const string look = "[ -z \"$GIT_SSH_COMMAND\" ] && ! ls ../ssh || exit 1; ";
        await using var installation = await CreateAsync($"{look} {Plan} exit 2", look + Show);
        var run = await QueueAsync(installation);
        await using (var db = installation.Open())
        {
            var workspace = await db.Workspaces.SingleAsync();
            var key = Identifier.New<SshKeyId>();
            db.Add(new SshKey
            {
                Id = key,
                OrganizationId = workspace.OrganizationId,
                Name = "git",
                CreatedAt = Installation.Start,
                ProtectedValue = installation.Get<SshKeyVault>().Seal(key, "a key"),
            });
            workspace.SshKeyId = key;
            await db.SaveChangesAsync();
        }

        await ExecuteAsync(installation, run);

        Assert.Equal(RunStatus.Planned, (await installation.ReadAsync(run)).Status);
        Assert.Equal("11", await File.ReadAllTextAsync(Made));
    }

    [Fact]
    public async Task What_the_plan_gets_for_a_cloud_is_not_there_when_it_is_shown()
    {
        const string look = "cat /proc/self/environ | grep -q eyJ";
        await using var installation = await CreateAsync($"{Plan} {look} || exit 1; exit 2", $"! {look} || exit 1; {Show}");
        var run = await QueueAsync(installation, ("TFC_WORKLOAD_IDENTITY_AUDIENCE", "somebody"));

        await ExecuteAsync(installation, run);

        Assert.Equal((RunStatus.Planned, null), ((await installation.ReadAsync(run)).Status, (await installation.ReadAsync(run)).Outcome));
    }

    [Fact]
    public async Task A_plan_that_fails_is_not_shown()
    {
        await using var installation = await CreateAsync("echo broken; exit 1", Show);
        var run = await QueueAsync(installation);

        await ExecuteAsync(installation, run);

        var after = await installation.ReadAsync(run);
        Assert.DoesNotContain("show", (await installation.PlanOfAsync(run)).Steps.Select(step => step.Name));
        Assert.Equal((RunStatus.Errored, "Terraform could not make a plan; its own message is in the log."), (after.Status, after.Outcome));
        Assert.Contains("broken\n", await LogAsync(installation, run), StringComparison.Ordinal);
        Assert.Empty(ProcessTree.Find(run.Value));
    }

    [Fact]
    public async Task A_plan_that_the_api_has_turned_away_is_made_again_in_a_sandbox_of_its_own()
    {
        const string refuse = "[ -e refused ] || { touch refused; echo 'Failed to read organization \"acme\" at host orchestrator.internal'; exit 1; }; ";
        await using var installation = await CreateAsync($"{refuse} {Plan} exit 2", Show);
        var run = await QueueAsync(installation);

        await ExecuteAsync(installation, run);

        Assert.Equal(RunStatus.Planned, (await installation.ReadAsync(run)).Status);
        Assert.Equal("11", await File.ReadAllTextAsync(Made));
    }

    [Fact]
    public async Task A_plan_with_changes_that_only_speaks_of_the_api_is_not_made_again()
    {
        const string speak = "echo 'Changes to Outputs: \"acme\" at host orchestrator.internal'; ";
        await using var installation = await CreateAsync($"{speak} {Plan} exit 2", Show);
        var run = await QueueAsync(installation);

        await ExecuteAsync(installation, run);

        Assert.Equal(RunStatus.Planned, (await installation.ReadAsync(run)).Status);
        Assert.True((await installation.PlanOfAsync(run)).HasChanges);
        Assert.Equal("1", await File.ReadAllTextAsync(Made));
    }

    [Fact]
    public async Task What_nobody_need_have_read_is_shown_in_a_sandbox_of_its_own()
    {
        await using var installation = await CreateAsync(Plan + "exit 2", Show);
        var run = await QueueAsync(installation);
        await using (var db = installation.Open())
        {
            await db.ConfigurationVersions.ExecuteUpdateAsync(set => set.SetProperty(version => version.FromFork, true));
        }

        await ExecuteAsync(installation, run);

        Assert.Equal(RunStatus.Planned, (await installation.ReadAsync(run)).Status);
        Assert.Equal("11", await File.ReadAllTextAsync(Made));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_run_that_is_canceled_while_its_plan_is_shown_is_canceled(bool sandboxed)
    {
        const string hang = "exec perl -e '$SIG{INT} = sub { exit 1 }; open my $f, q(>), q(../showing); sleep 600'";
        await using var installation = await CreateAsync(Plan + "exit 2", hang, sandboxed);
        var run = await QueueAsync(installation);
        var executing = ExecuteAsync(installation, run);
        await Wait.UntilAsync(() => File.Exists(Path.Combine(RunDirectory.PathOf(installation.Get<DataDirectory>(), run), "showing")));

        Assert.True((await installation.Get<RunActions>().CancelAsync(run, Someone.Bob, null, CancellationToken.None)).IsDone);
        await executing;

        var after = await installation.ReadAsync(run);
        Assert.Equal((RunStatus.Canceled, "The run was canceled: terraform was interrupted and has saved its state."), (after.Status, after.Outcome));
        Assert.Empty(ProcessTree.Find(run.Value));
    }

    /// <param name="plan">What the script does then.</param>
    private Task<Installation> CreateAsync(string plan, string show, bool sandboxed = true) => Installation.CreateAsync(DatabaseProvider.Sqlite, services =>
    {
        var terraform = Program("terraform", $"case $1 in\nplan) {plan};;\nshow) {show};;\nesac");
        var bubblewrap = Program("bwrap", $"printf 1 >>'{Made}'; exec {Phase.Bubblewrap.Path} \"$@\"");
        services.AddSingleton(new TerraformEngine(terraform, "1.11.4"));
        services.AddSingleton(sandboxed ? Phase.Bubblewrap with { Path = bubblewrap } : Phase.NoSandbox);
        // Processes live in real time, and so do the clocks that wait for them.
        services.AddSingleton(TimeProvider.System);
    });

    private string Program(string name, string script)
    {
        var path = _programs.File(name, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }

    private static async Task<RunId> QueueAsync(Installation installation, params (string Name, string Value)[] variables)
    {
        var workspace = await installation.WorkspaceAsync();
        foreach (var (name, value) in variables)
        {
            await installation.VariableAsync(workspace.Id, name, value, VariableCategory.Env);
        }
        var configuration = await installation.ConfigurationAsync(workspace.Id, status: ConfigurationVersionStatus.Pending);
        await installation.Get<ConfigurationStore>().UploadAsync(configuration.Id, new Archive().File("main.tf").Pack(), CancellationToken.None);
        return (await installation.QueueAsync(workspace.Id)).Id;
    }

    private static Task ExecuteAsync(Installation installation, RunId run) =>
        installation.Get<RunJob>().ExecuteAsync(run.Value, CancellationToken.None).WaitAsync(Wait.Limit);

    private static async Task<string> LogAsync(Installation installation, RunId run) =>
        Encoding.UTF8.GetString(await installation.Get<RunLogStore>().ReadAsync(run, "plan", 0, 1_000_000, CancellationToken.None));
}
