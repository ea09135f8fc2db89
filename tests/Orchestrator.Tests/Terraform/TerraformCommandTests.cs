using System.Diagnostics;
using System.Text;
using Orchestrator.RunLogs;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

/// <summary>Several commands in one sandbox, or under one guard.</summary>
public sealed class TerraformCommandTests
{
    // A program that ends by itself when it is interrupted.
    private const string UntilInterrupted = "exec perl -e '$| = 1; $SIG{INT} = sub { print qq(interrupted\\n); exit shift @ARGV }; print qq(ready\\n); sleep 600' ";

    private readonly List<StringBuilder> _said = [];

    [Theory, InlineData(false), InlineData(true)]
    public async Task Each_command_waits_for_a_word_and_has_its_own_outputs_and_code(bool sandboxed)
    {
        using var phase = new Phase(sandboxed);
        var errors = new StringBuilder();
        var commands = Prepare(phase, "echo first; echo on its other output >&2; printf without", "echo second; cat; echo on its other output >&2; exit 2")
            .Append(new TerraformCommand(
                ["-c", "echo third; echo on its other output >&2; exit 5"], phase.Environment.Build(), () => new Redactor([]), KeepIn(NewText()), KeepIn(errors)))
            .ToArray();
        var running = phase.RunAsync(Programs.Shell, commands);
        Assert.Equal(new TerraformExit(0, Killed: false), await EndAsync(commands[0]));
        Assert.Equal(["first", "on its other output", "without"], Words(Said(0)));

        commands[1].LetGo();
        Assert.Equal(new TerraformExit(2, Killed: false), await EndAsync(commands[1]));
        Assert.Equal(["on its other output", "second"], Words(Said(1)));
        Assert.Equal("", Said(2));
        Assert.False(running.IsCompleted);

        commands[2].LetGo();
        Assert.Equal(new TerraformExit(5, Killed: false), await running);
        Assert.Equal(new TerraformExit(5, Killed: false), await commands[2].Exit);
        Assert.Equal(("third\n", "on its other output\n"), (Said(2), errors.ToString()));
        await phase.GoneAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Arguments_arrive_unharmed_in_every_command(bool sandboxed)
    {
        string[] arguments =
        [
            "", " ", "two words", "it's \"quoted\"", "$HOME ${1} `id` $(id)", "back\\slash \\n", "two\nlines\n", "*", "?", "~", "-x", "; exit 9", "a\tb", "äöü",
        ];
        using var phase = new Phase(sandboxed);
        var commands = Enumerable.Range(0, 3)
            .Select(_ => Command(phase.Environment.Build(), ["-c", "printf '%s|' \"$@\"", "print", .. arguments]))
            .ToArray();

        Assert.True((await AllAsync(phase, commands)).Succeeded);

        Assert.All(Enumerable.Range(0, 3), number => Assert.Equal(string.Join('|', arguments) + "|\n", Said(number)));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_command_has_its_own_environment_alone(bool sandboxed)
    {
        const string look = "cat /proc/self/environ | tr '\\0' '\\n'; echo \"$COMMON|$OWN|$RUN_0|$RUN_1\"";
        using var phase = new Phase(sandboxed);
        phase.Environment.Set("COMMON", "everybody's");
        var commands = new[]
        {
            Command(phase.Environment.Fork().Set("OWN", "a key").Set("KEY", "another key").Build(), ["-c", look]),
            Command(phase.Environment.Fork().Set("OWN", "of the second").Build(), ["-c", look]),
            Command(phase.Environment.Fork().Set("RUN_0", "called like a seal").Set("RUN_1", "and another").Set("IFS", "N").Build(), ["-c", look]),
        };

        Assert.True((await AllAsync(phase, commands)).Succeeded);

        Assert.Contains("everybody's|a key||\n", Said(0), StringComparison.Ordinal);
        Assert.Contains("\nKEY=another key\n", Said(0), StringComparison.Ordinal);
        Assert.Contains("everybody's|of the second||\n", Said(1), StringComparison.Ordinal);
        Assert.Contains("everybody's||called like a seal|and another\n", Said(2), StringComparison.Ordinal);
        Assert.All(new[] { Said(1), Said(2) }, said => Assert.DoesNotContain(" key", said, StringComparison.Ordinal));
        Assert.All(new[] { Said(0), Said(1) }, said => Assert.DoesNotContain("RUN_", said.Replace(ProcessTree.Marker, "", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.All(_said, said => Assert.DoesNotContain("OPENING", said.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_the_sandbox_nothing_of_a_command_is_left_beside_the_next()
    {
        using var phase = new Phase(sandboxed: true);
        var commands = Prepare(phase,
            "setsid --fork sleep 600; (while :; do echo still here; done) & exit 0",
            "cat /proc/[0-9]*/comm | grep sleep; setsid --fork sleep 600; exit 2",
            "cat /proc/[0-9]*/comm | grep sleep; echo nothing left");

        Assert.True((await AllAsync(phase, commands)).Succeeded);

        Assert.Equal(("", "nothing left\n"), (Said(1), Said(2)));
        await phase.GoneAsync();
    }

    /// <summary>Otherwise a plan could end its own output, and speak in the name of the command that shows it.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task What_ends_a_commands_output_is_not_to_be_found_by_it(bool sandboxed)
    {
        using var phase = new Phase(sandboxed);
        var commands = Prepare(phase, "exit 0", "cat /proc/$PPID/cmdline /proc/$PPID/environ /proc/self/environ | base64 -w 0", "exit 0");

        await AllAsync(phase, commands);

        var found = Encoding.UTF8.GetString(Convert.FromBase64String(Said(1)));
        Assert.Contains("guard", found, StringComparison.Ordinal);
        Assert.All(commands, command => Assert.DoesNotContain(command.LastWord, found, StringComparison.Ordinal));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_command_that_fails_says_how_and_the_next_may_be_given_up(bool sandboxed)
    {
        using var phase = new Phase(sandboxed);
        var commands = Prepare(phase, "exit 0", "echo broken; exit 3", "echo third");
        var running = phase.RunAsync(Programs.Shell, commands);
        await EndAsync(commands[0]);
        commands[1].LetGo();

        Assert.Equal(new TerraformExit(3, Killed: false), await EndAsync(commands[1]));
        commands[2].GiveUp();

        Assert.False((await running).Succeeded);
        Assert.False((await commands[2].Exit).Succeeded);
        Assert.Equal(("broken\n", ""), (Said(1), Said(2)));
        await phase.GoneAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_stop_while_a_command_waits_keeps_it_from_beginning(bool sandboxed)
    {
        using var phase = new Phase(sandboxed);
        var commands = Prepare(phase, "exit 0", "echo second", "echo third");
        var running = phase.RunAsync(Programs.Shell, commands);
        await EndAsync(commands[0]);

        phase.Stop();
        commands[1].LetGo();

        Assert.False((await running).Succeeded);
        Assert.False((await commands[1].Exit).Succeeded);
        Assert.Equal("", Said(1) + Said(2));
        await phase.GoneAsync();
    }

    [Theory, InlineData(false, 7), InlineData(true, 7), InlineData(false, 0), InlineData(true, 0)]
    public async Task A_command_that_was_interrupted_is_the_last(bool sandboxed, int code)
    {
        using var phase = new Phase(sandboxed);
        var commands = Prepare(phase, "exit 0", UntilInterrupted + code, "echo third");
        var running = phase.RunAsync(Programs.Shell, commands);
        await EndAsync(commands[0]);
        commands[1].LetGo();
        await Wait.UntilAsync(() => Said(1).Contains("ready", StringComparison.Ordinal));

        phase.Stop();

        Assert.Equal(new TerraformExit(code, Killed: false), await EndAsync(commands[1]));
        commands[2].LetGo();
        Assert.False((await running).Succeeded);
        Assert.Equal(("ready\ninterrupted\n", ""), (Said(1), Said(2)));
        await phase.GoneAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_stop_interrupts_the_last_command(bool sandboxed)
    {
        using var phase = new Phase(sandboxed);
        var commands = Prepare(phase, "exit 0", UntilInterrupted + 7);
        var running = phase.RunAsync(Programs.Shell, commands);
        await EndAsync(commands[0]);
        commands[1].LetGo();
        await Wait.UntilAsync(() => Said(1).Contains("ready", StringComparison.Ordinal));

        phase.Stop();

        Assert.Equal(new TerraformExit(7, Killed: false), await running);
        Assert.Equal("ready\ninterrupted\n", Said(1));
        await phase.GoneAsync();
    }

    [Theory, InlineData(false, true), InlineData(true, true), InlineData(false, false), InlineData(true, false)]
    public async Task A_kill_ends_the_command_that_waits_or_is_under_way(bool sandboxed, bool waits)
    {
        using var phase = new Phase(sandboxed);
        var commands = Prepare(phase, "exit 0", "trap '' INT TERM; setsid --fork sleep 600; echo ready; sleep 600", "echo third");
        var running = phase.RunAsync(Programs.Shell, commands);
        await EndAsync(commands[0]);
        if (!waits)
        {
            commands[1].LetGo();
            await Wait.UntilAsync(() => Said(1).Contains("ready", StringComparison.Ordinal));
        }

        phase.Kill();

        Assert.False((await running).Succeeded);
        Assert.True((await commands[1].Exit).Killed);
        Assert.False((await commands[2].Exit).Succeeded);
        await phase.GoneAsync();
    }

    /// <summary>The word that lets a command go says how long it may go on.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_later_command_is_killed_when_nobody_renews_the_lease(bool sandboxed)
    {
        var lease = new Lease(TimeProvider.System);
        lease.Renew(TimeProvider.System.GetTimestamp(), TimeSpan.FromHours(1));
        using var phase = new Phase(sandboxed) { Lease = lease };
        var commands = Prepare(phase, "exit 0", "trap '' INT; echo ready; while :; do sleep 600; done");
        var running = phase.RunAsync(Programs.Shell, commands);
        await EndAsync(commands[0]);
        // Enough to begin with, also on a machine that has other work to do.
        lease.Renew(TimeProvider.System.GetTimestamp(), TimeSpan.FromSeconds(7));

        commands[1].LetGo();

        Assert.Equal(137, (await running).Code);
        Assert.StartsWith("ready\n", Said(1), StringComparison.Ordinal);
        await phase.GoneAsync();
    }

    [Fact]
    public async Task A_guard_whose_worker_has_gone_while_a_command_waits_ends()
    {
        using var phase = new Phase();
        using var guard = await BeginAsync(phase, "echo first; exit 4");
        Assert.Equal("first", await guard.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Wait.Limit));
        Assert.Equal("over 4", await guard.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Wait.Limit));

        guard.StandardInput.Close();

        Assert.Equal(("", 1), await EndAsync(guard));
    }

    /// <summary>It could wait for ever to have its last word read.</summary>
    [Fact]
    public async Task A_guard_whose_worker_has_gone_ends_with_the_command_that_it_interrupts()
    {
        using var phase = new Phase();
        using var guard = await BeginAsync(phase, UntilInterrupted + 7);
        Assert.Equal("ready", await guard.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Wait.Limit));

        guard.StandardInput.Close();

        Assert.Equal(("interrupted\n", 7), await EndAsync(guard));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1000)]
    public async Task Where_a_commands_output_ends_is_seen_however_it_arrives(int most)
    {
        var command = Command(new Dictionary<string, string>(), []);
        using var lines = new LineOutput();
        foreach (var text in new[] { "said\n", "" })
        {
            using var dribble = new Dribble(Encoding.ASCII.GetBytes($"{text}{command.LastWord[..9]}\n{command.LastWord} 113\n"), most);

            Assert.True(await command.CopyAsync(dribble, isErrors: text == "", lines, TestContext.Current.CancellationToken));
        }

        Assert.Equal(new TerraformExit(113, Killed: false), await EndAsync(command));
        Assert.Equal($"said\n{command.LastWord[..9]}\n{command.LastWord[..9]}\n", Said(0));
    }

    [Theory]
    [InlineData("")]
    [InlineData("the last line")]
    [InlineData("0123")]
    public async Task An_output_that_ends_otherwise_is_the_last(string end)
    {
        var command = Command(new Dictionary<string, string>(), []);
        using var lines = new LineOutput();
        using var dribble = new Dribble(Encoding.ASCII.GetBytes($"said\n{end}{command.LastWord[..9]}"), 1);

        Assert.False(await command.CopyAsync(dribble, isErrors: false, lines, TestContext.Current.CancellationToken));

        Assert.False(command.Exit.IsCompleted);
        Assert.Equal($"said\n{end}{command.LastWord[..9]}\n", Said(0));
    }

    /// <summary>Lets the first of two commands go, as the sandbox leaves them to their guard.</summary>
    private static async Task<Process> BeginAsync(Phase phase, string first)
    {
        var command = Guard.Around("/bin/sh", [["-c", first], ["-c", "echo second"]], phase.Directory.Working, secondsToSave: 20);
        var guard = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" 4</dev/null 5</dev/null", "sandbox", .. command])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, Environment = { [ProcessTree.Marker] = phase.Run.Value },
        })!;
        await guard.StandardInput.WriteAsync(Guard.GoWord("over"));
        await guard.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        return guard;
    }

    private static async Task<(string Said, int Code)> EndAsync(Process guard)
    {
        var said = await guard.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(Wait.Limit);
        await guard.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Wait.Limit);
        return (said, guard.ExitCode);
    }

    private static Task<TerraformExit> EndAsync(TerraformCommand command) => command.Exit.WaitAsync(Wait.Limit);

    /// <summary>Lets all go in advance.</summary>
    private static Task<TerraformExit> AllAsync(Phase phase, TerraformCommand[] commands)
    {
        Array.ForEach(commands, command => command.LetGo());
        return phase.RunAsync(Programs.Shell, commands);
    }

    private TerraformCommand[] Prepare(Phase phase, params string[] scripts) =>
        [.. scripts.Select(script => Command(phase.Environment.Build(), ["-c", script]))];

    private TerraformCommand Command(IReadOnlyDictionary<string, string> environment, string[] arguments) =>
        new(arguments, environment, () => new Redactor([]), KeepIn(NewText()));

    private StringBuilder NewText()
    {
        _said.Add(new StringBuilder());
        return _said[^1];
    }

    private string Said(int command)
    {
        lock (_said[command])
        {
            return _said[command].ToString();
        }
    }

    private static string[] Words(string lines) => [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    private static OutputSink KeepIn(StringBuilder text) => (lines, _) =>
    {
        lock (text)
        {
            text.Append(Encoding.UTF8.GetString(lines.Span));
        }
        return ValueTask.CompletedTask;
    };

    /// <summary>A few bytes at a time.</summary>
    private sealed class Dribble(byte[] content, int most) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, most)], cancellationToken);
    }
}
