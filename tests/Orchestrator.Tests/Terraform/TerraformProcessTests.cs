using System.Globalization;
using System.Text.Json;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed class TerraformProcessTests
{
    private const string SlowConfiguration = """
        resource "terraform_data" "first" {}
        resource "terraform_data" "slow" {
          depends_on = [terraform_data.first]
          provisioner "local-exec" { command = "echo has-started; sleep 300" }
        }
        """;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_exit_code_is_terraforms_own(int code)
    {
        using var phase = new Phase();

        Assert.Equal(new TerraformExit(code, Killed: false), await phase.ShellAsync($"exit {code}"));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Stopping_lets_terraform_save_its_state_and_keeps_its_exit_code(bool sandboxed)
    {
        using var phase = new Phase(sandboxed).Configure(SlowConfiguration);
        Assert.True((await phase.TerraformAsync("init", "-input=false")).Succeeded, phase.Output);

        var applying = phase.TerraformAsync("apply", "-auto-approve", "-input=false", "-no-color");
        await phase.SaidAsync("has-started");
        phase.Stop();

        Assert.Equal(new TerraformExit(1, Killed: false), await applying);
        Assert.Contains("Interrupt received", phase.Output, StringComparison.Ordinal);
        using var state = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(phase.Directory.Working, "terraform.tfstate")));
        var names = state.RootElement.GetProperty("resources").EnumerateArray().Select(resource => resource.GetProperty("name").GetString());
        Assert.Contains("first", names);
        await phase.GoneAsync();
    }

    /// <summary>Like terraform, this program begins to listen only after a while.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task Stopping_at_the_start_interrupts_as_soon_as_there_is_somebody_who_listens(bool sandboxed)
    {
        using var phase = new Phase(sandboxed);
        var running = phase.ShellAsync("echo started; sleep 0.3; exec perl -e '$SIG{INT} = sub { print \"interrupted\\n\"; exit 7 }; sleep 600'");
        await phase.SaidAsync("started");

        phase.Stop();

        Assert.Equal(new TerraformExit(7, Killed: false), await running);
        Assert.Equal("started\ninterrupted\n", phase.Output);
        await phase.GoneAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task What_is_stopped_before_the_start_is_not_begun(bool sandboxed)
    {
        using var phase = new Phase(sandboxed);
        phase.Stop();

        var exit = await phase.ShellAsync("echo begun");

        Assert.False(exit.Succeeded || exit.Killed);
        Assert.Equal("", phase.Output);
        await phase.GoneAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Killing_ends_the_whole_tree_at_once_also_what_has_left_it(bool sandboxed)
    {
        using var phase = new Phase(sandboxed);
        var running = phase.ShellAsync("trap '' INT TERM; setsid --fork sleep 600; (sleep 600 &); echo ready; sleep 600");
        await phase.SaidAsync("ready");
        Assert.NotEmpty(ProcessTree.Find(phase.Run.Value));

        phase.Kill();

        Assert.True((await running).Killed);
        await phase.GoneAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_guard_that_hears_of_no_renewal_interrupts_terraform_and_then_kills_all_of_the_run(bool sandboxed)
    {
        var lease = new Lease(TimeProvider.System);
        lease.Renew(TimeProvider.System.GetTimestamp(), TimeSpan.FromHours(1));
        using var phase = new Phase(sandboxed) { Lease = lease };
        var running = phase.ShellAsync(
            "setsid --fork sleep 600; exec perl -e '$| = 1; $SIG{INT} = sub { open my $f, q(>), q(interrupted) }; print qq(ready\n); sleep 600 while 1'");
        await phase.SaidAsync("ready");

        // The last that the guard hears. It counts whole seconds, less one in reserve, and terraform needs one of them.
        lease.Renew(TimeProvider.System.GetTimestamp(), TimeSpan.FromSeconds(4));

        Assert.Equal(137, (await running).Code);
        Assert.True(File.Exists(Path.Combine(phase.Directory.Working, "interrupted")));
        await phase.GoneAsync();
    }

    /// <summary>The processes are stopped before the guard would have interrupted, and wake when it should have killed.</summary>
    [Fact]
    public async Task A_guard_that_was_frozen_until_the_lease_was_over_kills_without_waiting_once_more()
    {
        var lease = new Lease(TimeProvider.System);
        lease.Renew(TimeProvider.System.GetTimestamp(), TimeSpan.FromHours(1));
        using var phase = new Phase(sandboxed: false) { Lease = lease };
        var running = phase.ShellAsync("trap '' INT; echo ready; while :; do sleep 600; done");
        await phase.SaidAsync("ready");
        var before = ProcessTree.Find(phase.Run.Value);

        // The guard's sleeping clock is what comes with the word.
        lease.Renew(TimeProvider.System.GetTimestamp(), TimeSpan.FromSeconds(7));
        await Wait.UntilAsync(() => ProcessTree.Find(phase.Run.Value).Count > before.Count);
        await SignalAsync("STOP");
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        var woken = TimeProvider.System.GetTimestamp();
        await SignalAsync("CONT");

        Assert.Equal(137, (await running).Code);
        Assert.InRange(TimeProvider.System.GetElapsedTime(woken), TimeSpan.Zero, TimeSpan.FromSeconds(2.5));
        await phase.GoneAsync();

        async Task SignalAsync(string signal)
        {
            using var kill = System.Diagnostics.Process.Start(
                "kill", [$"-{signal}", .. ProcessTree.Find(phase.Run.Value).Select(id => id.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
            await kill.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task A_guard_that_hears_of_a_renewal_lets_terraform_go_on()
    {
        var lease = new Lease(TimeProvider.System);
        lease.Renew(TimeProvider.System.GetTimestamp(), TimeSpan.FromSeconds(6));
        using var phase = new Phase { Lease = lease };
        var running = phase.ShellAsync("trap 'echo interrupted' INT; echo ready; sleep 3; exit 5");
        await phase.SaidAsync("ready");

        lease.Renew(TimeProvider.System.GetTimestamp(), Lease.Alone);

        Assert.Equal(new TerraformExit(5, Killed: false), await running);
        Assert.Equal("ready\n", phase.Output);
        await phase.GoneAsync();
    }

    [Fact]
    public async Task Terraform_that_ignores_a_stop_can_still_be_killed()
    {
        using var phase = new Phase();
        phase.Environment.Set("FAKE_TERRAFORM", "hang");
        var running = phase.RunAsync(Programs.Fake, "apply");
        await phase.SaidAsync("hanging");

        phase.Stop();
        Assert.False(running.IsCompleted);
        phase.Kill();

        Assert.True((await running).Killed);
        await phase.GoneAsync();
    }

    [Fact]
    public async Task Terraform_that_dies_is_a_failure_and_no_success()
    {
        using var phase = new Phase();
        phase.Environment.Set("FAKE_TERRAFORM", "die");

        var exit = await phase.RunAsync(Programs.Fake, "apply");

        Assert.Equal(new TerraformExit(137, Killed: false), exit);
        Assert.False(exit.Succeeded);
    }

    [Fact]
    public async Task A_process_that_was_left_behind_with_the_output_open_does_not_hold_the_phase()
    {
        using var phase = new Phase();
        phase.Environment.Set("FAKE_TERRAFORM", "daemon");

        var exit = await phase.RunAsync(Programs.Fake, "apply");

        Assert.Equal(new TerraformExit(0, Killed: false), exit);
        await phase.GoneAsync();
    }

    [Fact]
    public async Task In_the_sandbox_nothing_is_left_behind()
    {
        using var phase = new Phase(sandboxed: true);

        var exit = await phase.ShellAsync("setsid --fork sleep 600; echo done");

        Assert.Equal(new TerraformExit(0, Killed: false), exit);
        Assert.Equal("done\n", phase.Output);
        await phase.GoneAsync();
    }

    [Fact]
    public async Task The_next_command_of_a_run_is_not_taken_for_a_leftover_of_the_last()
    {
        using var phase = new Phase();

        for (var command = 0; command < 30; command++)
        {
            Assert.Equal(new TerraformExit(0, Killed: false), await phase.ShellAsync("exit 0"));
        }
    }

    [Fact]
    public async Task The_output_of_both_streams_arrives_complete_and_in_whole_lines()
    {
        using var phase = new Phase();

        await phase.ShellAsync("""
            (i=0; while [ $i -lt 3000 ]; do echo "out $i"; i=$((i+1)); done) &
            (i=0; while [ $i -lt 3000 ]; do echo "err $i" >&2; i=$((i+1)); done) &
            wait; printf 'without an end'
            """);

        Assert.All(phase.Pieces, piece => Assert.EndsWith("\n", piece, StringComparison.Ordinal));
        var lines = phase.Output.Split('\n')[..^1];
        Assert.Equal(Enumerable.Range(0, 3000).Select(number => $"out {number}"), lines.Where(line => line.StartsWith("out", StringComparison.Ordinal)));
        Assert.Equal(Enumerable.Range(0, 3000).Select(number => $"err {number}"), lines.Where(line => line.StartsWith("err", StringComparison.Ordinal)));
        Assert.Contains("without an end", lines);
        Assert.Equal(6001, lines.Length);
    }

    [Fact]
    public async Task Blank_lines_are_lines()
    {
        using var phase = new Phase();

        await phase.ShellAsync("printf 'a\n\n\nb\n'");

        Assert.Equal("a\n\n\nb\n", phase.Output);
    }

    [Fact]
    public async Task A_secret_is_hidden_wherever_the_borders_of_the_chunks_fall()
    {
        using var phase = new Phase { Secrets = ["correct horse battery staple"] };
        phase.Environment.Set("FAKE_TERRAFORM", "dribble:SECRET").Set("SECRET", "correct horse battery staple");

        await phase.RunAsync(Programs.Fake, "apply");

        Assert.Equal("before *** after\n", phase.Output.Split("Apply")[0]);
    }

    [Theory]
    [InlineData("fold -w 999")]
    [InlineData("cat")]
    public async Task However_much_is_printed_memory_stays_bounded(string lines)
    {
        const long total = 100_000_000;
        var (seen, largest, mostHeld) = (0L, 0, 0L);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var phase = new Phase
        {
            Sink = (piece, _) =>
            {
                largest = Math.Max(largest, piece.Length);
                if (seen / 20_000_000 != (seen + piece.Length) / 20_000_000)
                {
                    mostHeld = Math.Max(mostHeld, GC.GetTotalMemory(forceFullCollection: true) - before);
                }
                seen += piece.Length;
                return ValueTask.CompletedTask;
            },
        };

        await phase.ShellAsync(string.Create(CultureInfo.InvariantCulture, $"head -c {total} /dev/zero | tr '\\0' x | {lines}"));

        Assert.InRange(seen, total, total * 1002 / 1000);
        Assert.InRange(largest, 1, 512 * 1024);
        Assert.InRange(mostHeld, long.MinValue, 40_000_000);
    }
}
