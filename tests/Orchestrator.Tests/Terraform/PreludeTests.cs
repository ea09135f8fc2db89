using System.Diagnostics;
using System.Text;
using Orchestrator.RunLogs;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed class PreludeTests
{
    private readonly StringBuilder _said = new();

    [Theory, InlineData(false), InlineData(true)]
    public async Task The_second_command_waits_for_a_word_and_each_ones_output_is_its_own(bool sandboxed)
    {
        using var phase = Prepare(sandboxed, "echo first; echo on its other output >&2; printf without");
        var running = phase.ShellAsync("echo second; cat; echo on its other output >&2; exit 2");
        await phase.Prelude!.Succeeded.WaitAsync(Wait.Limit);
        Assert.Equal(["first", "on its other output", "without"], Words(_said.ToString()));
        Assert.Equal("", phase.Output);
        Assert.False(running.IsCompleted);

        phase.Prelude.GoOn();

        Assert.Equal(new TerraformExit(2, Killed: false), await running);
        Assert.Equal(["on its other output", "second"], Words(phase.Output));
        await phase.GoneAsync();
    }

    [Fact]
    public async Task In_the_sandbox_nothing_of_the_first_command_is_left_beside_the_second()
    {
        using var phase = Prepare(sandboxed: true, "setsid --fork sleep 600; (while :; do echo still here; done) & exit 0");
        // A killed process never runs again, and may still be listed for a moment while the kernel takes it apart.
        var running = phase.ShellAsync("while cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -q 'sleep [6]00'; do :; done; echo nothing left");
        await phase.Prelude!.Succeeded.WaitAsync(Wait.Limit);

        phase.Prelude.GoOn();

        Assert.Equal(new TerraformExit(0, Killed: false), await running.WaitAsync(Wait.Limit));
        Assert.Equal("nothing left\n", phase.Output);
        await phase.GoneAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task There_is_no_second_command_when_the_first_fails(bool sandboxed)
    {
        using var phase = Prepare(sandboxed, "echo broken; exit 3");

        Assert.Equal(new TerraformExit(3, Killed: false), await phase.ShellAsync("echo second"));

        Assert.Equal("broken\n", _said.ToString());
        Assert.Equal("", phase.Output);
        Assert.False(phase.Prelude!.Succeeded.IsCompleted);
        await phase.GoneAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task The_second_command_may_be_given_up(bool sandboxed)
    {
        using var phase = Prepare(sandboxed, "exit 0");
        var running = phase.ShellAsync("echo second");
        await phase.Prelude!.Succeeded.WaitAsync(Wait.Limit);

        phase.Prelude.GiveUp();

        Assert.False((await running).Succeeded);
        Assert.Equal("", phase.Output);
        await phase.GoneAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_stop_while_the_second_command_waits_keeps_it_from_starting(bool sandboxed)
    {
        using var phase = Prepare(sandboxed, "exit 0");
        var running = phase.ShellAsync("echo second");
        await phase.Prelude!.Succeeded.WaitAsync(Wait.Limit);

        phase.Stop();
        phase.Prelude.GoOn();

        Assert.False((await running).Succeeded);
        Assert.Equal("", phase.Output);
        await phase.GoneAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_stop_interrupts_the_first_command_and_the_second_does_not_start(bool sandboxed)
    {
        using var phase = Prepare(sandboxed, "exec perl -e '$| = 1; $SIG{INT} = sub { print qq(interrupted\\n); exit 7 }; print qq(ready\\n); sleep 600'");
        var running = phase.ShellAsync("echo second");
        await Wait.UntilAsync(() => _said.ToString().Contains("ready", StringComparison.Ordinal));

        phase.Stop();

        Assert.Equal(new TerraformExit(7, Killed: false), await running);
        Assert.Equal("ready\ninterrupted\n", _said.ToString());
        Assert.Equal("", phase.Output);
        await phase.GoneAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_stop_interrupts_the_second_command(bool sandboxed)
    {
        using var phase = Prepare(sandboxed, "exit 0");
        var running = phase.ShellAsync("exec perl -e '$| = 1; $SIG{INT} = sub { exit 7 }; print qq(ready\n); sleep 600'");
        await phase.Prelude!.Succeeded.WaitAsync(Wait.Limit);
        phase.Prelude.GoOn();
        await phase.SaidAsync("ready");

        phase.Stop();

        Assert.Equal(new TerraformExit(7, Killed: false), await running);
        await phase.GoneAsync();
    }

    /// <summary>The word for the second command says how long it may go on.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task The_second_command_is_killed_when_nobody_renews_the_lease(bool sandboxed)
    {
        var lease = new Lease(TimeProvider.System);
        lease.Renew(TimeProvider.System.GetTimestamp(), TimeSpan.FromHours(1));
        using var phase = Prepare(sandboxed, "exit 0", lease);
        var running = phase.ShellAsync("trap '' INT; echo ready; while :; do sleep 600; done");
        await phase.Prelude!.Succeeded.WaitAsync(Wait.Limit);
        // Enough to begin with, also on a machine that has other work to do.
        lease.Renew(TimeProvider.System.GetTimestamp(), TimeSpan.FromSeconds(7));

        phase.Prelude.GoOn();

        Assert.Equal(137, (await running).Code);
        Assert.StartsWith("ready\n", phase.Output, StringComparison.Ordinal);
        await phase.GoneAsync();
    }

    [Fact]
    public async Task A_guard_whose_worker_has_gone_while_the_second_command_waits_ends()
    {
        using var phase = Prepare(sandboxed: false, "echo first");
        var command = Guard.Around(["/bin/sh", "-c", "echo second"], phase.Directory.Working, secondsToSave: 20, prelude: phase.Prelude);
        // As the sandbox leaves them to it.
        using var guard = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" 4</dev/null 5</dev/null", "sandbox", .. command])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { [ProcessTree.Marker] = phase.Run.Value },
        })!;
        Assert.Equal("first", await guard.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.NotNull(await guard.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));

        guard.StandardInput.Close();

        Assert.Equal("", await guard.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken));
        await guard.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, guard.ExitCode);
    }

    [Fact]
    public async Task Where_the_first_commands_output_ends_is_seen_however_it_arrives()
    {
        var prelude = new Prelude("", Keep);
        using var lines = new LineOutput(() => new Redactor([]), prelude.Output);
        foreach (var text in new[] { "said\n", "" })
        {
            using var dribble = new Dribble(Encoding.ASCII.GetBytes($"{text}{prelude.LastLine}\nthe second's"));
            await prelude.CopyAsync(dribble, lines, TestContext.Current.CancellationToken);

            Assert.Equal("the second's".Length, dribble.Length - dribble.Position);
        }

        Assert.True(prelude.Succeeded.IsCompleted);
        Assert.Equal("said\n", _said.ToString());
    }

    private Phase Prepare(bool sandboxed, string first, Lease? lease = null)
    {
        var phase = new Phase(sandboxed) { Prelude = new Prelude("first", Keep), Lease = lease };
        File.WriteAllText(Path.Combine(phase.Directory.Working, "first"), first);
        return phase;
    }

    private static string[] Words(string lines) => [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    private ValueTask Keep(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        lock (_said)
        {
            _said.Append(Encoding.UTF8.GetString(lines.Span));
        }
        return ValueTask.CompletedTask;
    }

    /// <summary>A byte at a time.</summary>
    private sealed class Dribble(byte[] content) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..1], cancellationToken);
    }
}
