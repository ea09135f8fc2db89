using System.Diagnostics;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed class ProcessTreeTests
{
    [Fact]
    public async Task Every_process_of_a_run_is_found_and_killed_also_one_that_has_left_its_parent()
    {
        var (run, other) = (Identifier.New<RunId>().Value, Identifier.New<RunId>().Value);
        using var parent = Start(run, "setsid --fork sleep 600; sleep 600; exit");
        using var stranger = Start(other, "sleep 600; exit");
        // Each shell, and what it waits for. "setsid" is one of the run's, too, until it has forked.
        await Wait.UntilAsync(() => Sleeping(run) == 2 && ProcessTree.Find(run).Count == 3 && Sleeping(other) == 1);

        var (found, gone) = await ProcessTree.KillAsync(run, TimeProvider.System);

        Assert.Equal((3, true), (found, gone));
        Assert.Empty(ProcessTree.Find(run));
        Assert.False(stranger.HasExited);
        Assert.Equal((2, true), await ProcessTree.KillAsync(other, TimeProvider.System));
    }

    [Fact]
    public async Task Where_nothing_runs_nothing_is_found()
    {
        Assert.Equal((0, true), await ProcessTree.KillAsync(Identifier.New<RunId>().Value, TimeProvider.System));
    }

    [Fact]
    public async Task A_run_whose_id_begins_alike_is_another_run()
    {
        var run = Identifier.New<RunId>().Value;
        using var process = Start(run + "x", "sleep 600; exit");
        await Wait.UntilAsync(() => ProcessTree.Find(run + "x").Count > 0);

        Assert.Empty(ProcessTree.Find(run));
        await ProcessTree.KillAsync(run + "x", TimeProvider.System);
    }

    [Fact]
    public async Task The_engine_is_asked_for_its_version()
    {
        var engine = await TerraformEngine.FindAsync(Options.Create(new TerraformOptions { TerraformPath = Programs.Terraform.Path }), CancellationToken.None);

        Assert.Equal(Programs.Terraform.Path, engine.Path);
        Assert.Matches(@"^\d+\.\d+\.\d+", engine.Version);
        Assert.True(engine.Serves("latest") && engine.Serves("") && engine.Serves(engine.Version));
        Assert.False(engine.Serves("0.12.31"));
    }

    [Fact]
    public async Task A_program_that_is_no_terraform_is_said_to_be_none()
    {
        var missing = await Assert.ThrowsAsync<TerraformMissingException>(() =>
            TerraformEngine.FindAsync(Options.Create(new TerraformOptions { TerraformPath = "/bin/true" }), CancellationToken.None));

        Assert.Contains("it did not answer 'terraform version -json' (/bin/true)", missing.Message, StringComparison.Ordinal);
    }

    private static int Sleeping(string run) => ProcessTree.Find(run).Count(process => ProcessTree.Shows(process, "cmdline", "sleep\0600\0"u8.ToArray()));

    private static Process Start(string run, string script)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", script]);
        start.Environment[ProcessTree.Marker] = run;
        return Process.Start(start)!;
    }
}
