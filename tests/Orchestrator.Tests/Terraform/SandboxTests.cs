using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed class SandboxTests
{
    [Fact]
    public async Task The_run_directory_is_writable_and_the_system_is_not()
    {
        using var phase = new Phase(sandboxed: true);

        var output = await SayAsync(phase, "echo x > file && echo x > $HOME/file && echo x > $TMPDIR/file && echo written; echo x > /usr/file || echo refused");

        Assert.Contains("written", output, StringComparison.Ordinal);
        Assert.Contains("refused", output, StringComparison.Ordinal);
        Assert.False(File.Exists("/usr/file"));
        Assert.True(File.Exists(Path.Combine(phase.Directory.Working, "file")));
    }

    [Fact]
    public async Task Credentials_can_be_read_and_neither_changed_nor_replaced_by_links()
    {
        using var phase = new Phase(sandboxed: true);
        Directory.CreateDirectory(phase.Directory.Credentials);
        await File.WriteAllTextAsync(Path.Combine(phase.Directory.Credentials, "token"), "first");

        var running = SayAsync(phase, """
            cd ../credentials; cat token
            ln -s /elsewhere token.next || echo no link; mv token other || echo no move; mv ../credentials ../mine || echo no directory
            until [ "$(cat token)" = second ]; do sleep 0.05; done; cat token
            """);
        await phase.SaidAsync("no directory");
        // As it is done while terraform runs.
        await File.WriteAllTextAsync(Path.Combine(phase.Directory.Credentials, "token.next"), "second");
        File.Move(Path.Combine(phase.Directory.Credentials, "token.next"), Path.Combine(phase.Directory.Credentials, "token"), overwrite: true);
        var output = await running;

        Assert.All(new[] { "first", "no link", "no move", "no directory", "second" }, said => Assert.Contains(said, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_else_of_the_data_directory_can_be_seen()
    {
        using var phase = new Phase(sandboxed: true);
        await File.WriteAllTextAsync(Path.Combine(phase.Data.Keys, "key"), "a secret key");
        await File.WriteAllTextAsync(Path.Combine(RunDirectory.Create(phase.Data, Identifier.New<RunId>()).Root, "theirs"), "another run's");

        var output = await SayAsync(phase, $"cat {phase.Data.Keys}/key; ls -A {phase.Data.Root}; ls -A {phase.Data.Runs}");

        Assert.DoesNotContain("a secret key", output, StringComparison.Ordinal);
        Assert.Equal(["runs", phase.Run.Value], output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !line.Contains("No such file", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_homes_and_the_servers_temporary_files_cannot_be_seen()
    {
        using var phase = new Phase(sandboxed: true);
        var temporary = Path.Combine(Path.GetTempPath(), $"orchestrator-{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(temporary, "left in /tmp");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

        var output = await SayAsync(phase, $"cat {temporary}; for d in {home} /root /home /var /run /etc/ssh /etc/shadow; do [ -e $d ] && echo \"sees $d\"; done; echo looked");
        File.Delete(temporary);

        Assert.DoesNotContain("left in /tmp", output, StringComparison.Ordinal);
        Assert.DoesNotContain("sees", output, StringComparison.Ordinal);
        Assert.Contains("looked", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_its_own_processes_can_be_seen()
    {
        using var phase = new Phase(sandboxed: true);

        var output = await SayAsync(phase, "cat /proc/[0-9]*/cmdline | tr '\\0' ' '; echo; ls -d /proc/[0-9]* | wc -l");

        Assert.DoesNotContain("Orchestrator.Tests", output, StringComparison.Ordinal);
        Assert.InRange(int.Parse(output.Trim().Split('\n')[^1], System.Globalization.CultureInfo.InvariantCulture), 1, 12);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Nothing_of_the_servers_environment_is_handed_on(bool sandboxed)
    {
        Environment.SetEnvironmentVariable("ORCHESTRATOR_TEST_SECRET", "correct horse");
        using var phase = new Phase(sandboxed);
        phase.Environment.Set("HANDED", "on");

        var output = await SayAsync(phase, sandboxed ? "env; cat /proc/[0-9]*/environ | tr '\\0' '\\n'" : "env");

        Assert.Contains("HANDED=on", output, StringComparison.Ordinal);
        Assert.DoesNotContain("correct horse", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_has_no_privileges()
    {
        using var phase = new Phase(sandboxed: true);

        var output = await SayAsync(phase, "grep CapEff /proc/self/status");

        Assert.Equal("CapEff:\t0000000000000000", output.Trim());
    }

    [Fact]
    public async Task Where_bubblewrap_works_it_is_used()
    {
        Assert.Equal(new Sandbox("bwrap", null), await Sandbox.FindAsync(SandboxMode.Required, CancellationToken.None));
        Assert.Equal(new Sandbox("bwrap", null), await Sandbox.FindAsync(SandboxMode.Auto, CancellationToken.None));
    }

    [Fact]
    public async Task Switched_off_it_says_what_that_means()
    {
        var sandbox = await Sandbox.FindAsync(SandboxMode.Off, CancellationToken.None);

        Assert.False(sandbox.IsActive);
        Assert.Contains("Orchestrator__Sandbox=off", sandbox.Warning, StringComparison.Ordinal);
    }

    private static async Task<string> SayAsync(Phase phase, string script)
    {
        await phase.ShellAsync(script);
        return phase.Output;
    }
}

/// <summary>Alone, because PATH belongs to the whole process.</summary>
[CollectionDefinition(nameof(WithoutPrograms), DisableParallelization = true)]
public sealed class WithoutPrograms;

[Collection(nameof(WithoutPrograms))]
public sealed class MissingProgramTests : IDisposable
{
    private readonly string? _path = Environment.GetEnvironmentVariable("PATH");
    private readonly TemporaryDirectory _empty = new();

    public MissingProgramTests()
    {
        File.CreateSymbolicLink(Path.Combine(_empty.Path, "setsid"), "/usr/bin/setsid");
        Environment.SetEnvironmentVariable("PATH", _empty.Path);
    }

    public void Dispose()
    {
        Environment.SetEnvironmentVariable("PATH", _path);
        _empty.Dispose();
    }

    [Fact]
    public async Task A_required_sandbox_that_is_missing_stops_the_start_and_says_what_to_install()
    {
        var missing = await Assert.ThrowsAsync<SandboxMissingException>(() => Sandbox.FindAsync(SandboxMode.Required, CancellationToken.None));

        Assert.Contains("apt-get install bubblewrap", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_required_one_terraform_runs_and_a_warning_says_how()
    {
        var sandbox = await Sandbox.FindAsync(SandboxMode.Auto, CancellationToken.None);

        Assert.False(sandbox.IsActive);
        Assert.Contains("without a sandbox, because bubblewrap is not installed", sandbox.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sandbox_that_does_not_work_here_is_as_good_as_none()
    {
        _empty.File("bwrap", "#!/bin/sh\necho 'No permissions to create new namespace' >&2; exit 1");
        File.SetUnixFileMode(Path.Combine(_empty.Path, "bwrap"), (UnixFileMode)0b111_101_101);

        var missing = await Assert.ThrowsAsync<SandboxMissingException>(() => Sandbox.FindAsync(SandboxMode.Required, CancellationToken.None));

        Assert.Contains("No permissions to create new namespace", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terraform_that_is_missing_is_said_to_be_missing()
    {
        var missing = await Assert.ThrowsAsync<TerraformMissingException>(() =>
            TerraformEngine.FindAsync(Microsoft.Extensions.Options.Options.Create(new TerraformOptions()), CancellationToken.None));

        Assert.Contains("it was not found (terraform)", missing.Message, StringComparison.Ordinal);
        Assert.Contains("Orchestrator__TerraformPath", missing.Message, StringComparison.Ordinal);
    }
}
