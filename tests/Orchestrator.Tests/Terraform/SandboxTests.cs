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

    [Theory]
    [InlineData("../..", true)]
    [InlineData("../..", false)]
    [InlineData("/", false)]
    public async Task A_link_in_the_place_of_the_credentials_shows_nothing_of_the_server_to_the_next_command(string target, bool isThere)
    {
        using var phase = new Phase(sandboxed: true);
        await File.WriteAllTextAsync(Path.Combine(phase.Data.Keys, "key"), "a secret key");
        if (!isThere && Directory.Exists(phase.Directory.Credentials))
        {
            Directory.Delete(phase.Directory.Credentials);
        }
        await phase.ShellAsync($"rmdir ../credentials; mv ../credentials ../mine; ln -sn {target} ../credentials");

        var output = await SayAsync(phase, $"cat {phase.Data.Keys}/key ../credentials/keys/key ../credentials{phase.Data.Keys}/key; echo looked");

        Assert.Contains("looked", output, StringComparison.Ordinal);
        Assert.DoesNotContain("a secret key", output, StringComparison.Ordinal);
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

    /// <summary>A part of the system that the sandbox shows.</summary>
    [Fact]
    public async Task A_data_directory_among_the_programs_cannot_be_seen_either()
    {
        var place = $"/opt/orchestrator-test-{Guid.NewGuid():N}";
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can write to /opt.");
        using var phase = new Phase(Phase.Bubblewrap, data: place);
        await File.WriteAllTextAsync(Path.Combine(phase.Data.Keys, "key"), "a secret key");

        var output = await SayAsync(phase, $"cat {phase.Data.Keys}/key; find {place} -maxdepth 2; echo x > file && echo written");
        DirectoryRemoval.Remove(place);

        Assert.DoesNotContain("a secret key", output, StringComparison.Ordinal);
        Assert.Contains($"{place}\n{place}/runs\n{phase.Directory.Root}\nwritten\n", output, StringComparison.Ordinal);
    }

    /// <summary>The programs that make the sandbox run outside of it.</summary>
    [Fact]
    public async Task A_workspaces_path_does_not_choose_the_programs_that_make_the_sandbox()
    {
        using var phase = new Phase(sandboxed: true);
        var mark = Path.Combine(phase.Data.Root, "was-outside");
        foreach (var program in new[] { "setsid", "bwrap", "setpriv", "sh", "sleep", "cat" })
        {
            var path = Path.Combine(phase.Directory.Working, program);
            await File.WriteAllTextAsync(path, $"#!/bin/sh\necho x >>{mark}\n");
            File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        }
        phase.Environment.Set("PATH", $".:{phase.Directory.Working}:/usr/bin:/bin");

        var output = await SayAsync(phase, "echo \"path is $PATH\"");

        Assert.Equal($"path is .:{phase.Directory.Working}:/usr/bin:/bin\n", output);
        Assert.False(File.Exists(mark));
    }

    [Fact]
    public async Task A_workspaces_environment_is_terraforms_and_does_not_reach_the_programs_before_it()
    {
        using var phase = new Phase(sandboxed: true);
        // The loader of whatever sees it would print libraries instead of starting the program.
        phase.Environment.Set("LD_TRACE_LOADED_OBJECTS", "1").Set("name", "a 'quoted' \"$value\"\nof two lines").Set("IFS", "x");

        await phase.RunAsync(Programs.Terraform, "version");
        Assert.Contains("Terraform v", phase.Output, StringComparison.Ordinal);

        using var other = new Phase(sandboxed: true);
        other.Environment.Set("name", "a 'quoted' \"$value\"\nof two lines").Set("IFS", "x").Set("BASH_FUNC_id%%", "() { echo stolen; }");
        var output = await SayAsync(other, "printf '%s|' \"$name\" \"${ORCHESTRATOR_NAMES-none}\" \"${RUN_name-none}\"; /bin/bash -c id");
        Assert.StartsWith("a 'quoted' \"$value\"\nof two lines|none|none|uid=", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_kernel_can_bound_is_bounded()
    {
        using var phase = new Phase(sandboxed: true);

        var output = await SayAsync(phase, "cat /proc/self/limits");

        string[] expected = ["Max core file size 0 0", "Max open files 8192 8192", "Max file size 4294967296 4294967296", "Max data size 8589934592 8589934592"];
        var limits = output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToArray();
        Assert.All(expected, limit => Assert.Contains(limits, line => line.StartsWith(limit, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Processes_without_end_end_at_the_limit()
    {
        var sandbox = Phase.Bubblewrap with { Limits = new UsageLimits { MaxProcesses = 64 } };
        using var phase = new Phase(sandbox);

        await SayAsync(phase, "for i in $(seq 300); do sleep 60 & done; echo started");
        var output = phase.Output;

        Assert.Contains("Cannot fork", output, StringComparison.Ordinal);
        await phase.GoneAsync();
    }

    [Fact]
    public async Task Memory_that_looks_like_files_is_bounded_and_devices_cannot_be_made()
    {
        using var phase = new Phase(sandboxed: true);

        var output = await SayAsync(phase, """
            for place in /tmp /dev/shm; do dd if=/dev/zero of=$place/big bs=1M count=300 2>&1 | grep -c 'No space left'; rm $place/big; done
            (echo x > /dev/mine) 2>&1; mknod $TMPDIR/disk b 8 0 2>&1; echo x > /tmp/small && cat /tmp/small
            """);

        Assert.StartsWith("1\n1\n", output, StringComparison.Ordinal);
        Assert.Contains("Read-only file system", output, StringComparison.Ordinal);
        Assert.Contains("Operation not permitted", output, StringComparison.Ordinal);
        Assert.EndsWith("x\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_bubblewrap_works_it_is_used()
    {
        Assert.Equal((Isolation.Sandbox, null), await FindAsync(SandboxMode.Required));
        Assert.Equal((Isolation.Sandbox, null), await FindAsync(SandboxMode.Auto));

        static async Task<(Isolation, string?)> FindAsync(SandboxMode mode)
        {
            var sandbox = await Sandboxes.FindAsync(mode);
            return (sandbox.Isolation, sandbox.Warning);
        }
    }

    [Fact]
    public async Task Switched_off_it_says_what_that_means()
    {
        var sandbox = await Sandboxes.FindAsync(SandboxMode.Off);

        Assert.False(sandbox.IsActive);
        Assert.Contains("Orchestrator__Sandbox=off", sandbox.Warning, StringComparison.Ordinal);
    }

    private static async Task<string> SayAsync(Phase phase, string script)
    {
        await phase.ShellAsync(script);
        return phase.Output;
    }
}

internal static class Sandboxes
{
    /// <summary>As this machine can; without users for runs, unless they are asked for.</summary>
    public static Task<Sandbox> FindAsync(SandboxMode mode, int users = 0) => Sandbox.FindAsync(
        new TerraformOptions { Sandbox = mode, RunUsers = new() { Count = users } }, Path.GetTempPath(), CancellationToken.None);
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
        var missing = await Assert.ThrowsAsync<SandboxMissingException>(() => Sandboxes.FindAsync(SandboxMode.Required));

        Assert.Contains("apt-get install bubblewrap", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_required_one_terraform_runs_and_a_warning_says_how()
    {
        var sandbox = await Sandboxes.FindAsync(SandboxMode.Auto);

        Assert.False(sandbox.IsActive);
        Assert.Contains("without a sandbox, because bubblewrap is not installed", sandbox.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_sandbox_each_run_has_a_user_of_its_own_where_the_server_may_hand_them_out()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can hand out users.");
        var sandbox = await Sandboxes.FindAsync(SandboxMode.Auto, users: 100);

        Assert.Equal(Isolation.User, sandbox.Isolation);
        Assert.Contains("Each run has a user of its own instead", sandbox.Warning, StringComparison.Ordinal);
        Assert.NotNull(sandbox.Runs);
    }

    [Fact]
    public async Task Where_root_may_only_make_namespaces_of_users_the_sandbox_does_without_a_user_for_each_run()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can hand out users.");
        Bubblewrap("case \"$*\" in *--cap-add*) echo 'Creating new namespace failed: Operation not permitted' >&2; exit 1;; esac; exec /usr/bin/bwrap \"$@\"");

        var sandbox = await Sandboxes.FindAsync(SandboxMode.Required, users: 100);

        Assert.Equal((Isolation.Sandbox, null), (sandbox.Isolation, sandbox.Users));
        Assert.False(sandbox.Network.Metadata);
        Assert.Contains("no users of their own", sandbox.Network.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_bubblewrap_is_used_without_what_it_cannot_bound()
    {
        Bubblewrap("case \"$*\" in *--size*) echo 'bwrap: Unknown option --size' >&2; exit 1;; esac; exec /usr/bin/bwrap \"$@\"");

        var sandbox = await Sandboxes.FindAsync(SandboxMode.Required);

        Assert.Equal((Isolation.Sandbox, false), (sandbox.Isolation, sandbox.BoundsMemoryFiles));
    }

    [Fact]
    public async Task A_sandbox_that_does_not_work_here_is_as_good_as_none()
    {
        Bubblewrap("echo 'No permissions to create new namespace' >&2; exit 1");

        var missing = await Assert.ThrowsAsync<SandboxMissingException>(() => Sandboxes.FindAsync(SandboxMode.Required));

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

    private void Bubblewrap(string script)
    {
        _empty.File("bwrap", $"#!/bin/sh\n{script}");
        File.SetUnixFileMode(Path.Combine(_empty.Path, "bwrap"), (UnixFileMode)0b111_101_101);
    }
}
