using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

/// <summary>Where bubblewrap does not work, and the server is root.</summary>
public sealed class RunUserTests : IDisposable
{
    private readonly Sandbox _sandbox;

    public RunUserTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can hand out users.");
        _sandbox = new Sandbox(null, null)
        {
            Users = RunUsers.Find(new RunUserOptions()),
            Runs = RunUsers.CreateRuns($"/of-these-tests/{Guid.NewGuid():N}"),
        };
    }

    public void Dispose()
    {
        if (_sandbox?.Runs is { } runs)
        {
            DirectoryRemoval.Remove(runs);
        }
    }

    [Fact]
    public async Task A_run_reads_neither_what_is_the_servers_nor_what_is_another_runs()
    {
        using var phase = new Phase(_sandbox);
        using var other = new Phase(_sandbox);
        var (key, theirs) = (Path.Combine(phase.Data.Keys, "key"), Path.Combine(other.Directory.Working, "theirs"));
        await File.WriteAllTextAsync(key, "a secret key");
        await File.WriteAllTextAsync(theirs, "another run's");
        await other.ShellAsync("chmod 777 . theirs");

        await phase.ShellAsync($"exec 2>&1; cat {key} {theirs} /etc/shadow /proc/{Environment.ProcessId}/environ; ls {_sandbox.Runs}; echo x > mine && cat mine; id -u; id -G");

        Assert.DoesNotContain("a secret key", phase.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("another run's", phase.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", phase.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("PATH=", phase.Output, StringComparison.Ordinal);
        Assert.Contains("Permission denied", phase.Output, StringComparison.Ordinal);
        var user = phase.Directory.User!.Id;
        Assert.EndsWith($"x\n{user}\n{user}\n", phase.Output, StringComparison.Ordinal);
        Assert.NotEqual(user, other.Directory.User!.Id);
    }

    [Fact]
    public async Task What_hides_that_it_is_a_runs_is_ended_by_its_user()
    {
        using var phase = new Phase(_sandbox);

        var exit = await phase.ShellAsync("env -i setsid --fork sleep 4713 >/dev/null 2>&1 </dev/null; sleep 0.2; echo left");

        Assert.True(exit.Succeeded, phase.Output);
        Assert.Empty(ProcessTree.OfUser(phase.Directory.User!.Id));
    }

    [Fact]
    public async Task A_user_whose_processes_are_alive_is_handed_to_nobody_and_found_by_its_directory()
    {
        var users = new RunUsers(58_990, 1, _sandbox.Users!.SetPriv);
        using var directory = new TemporaryDirectory();
        using (var user = users.Take())
        {
            FileFacts.GiveTo(directory.Path, (uint)user.Id, (uint)user.Id);
            using var left = System.Diagnostics.Process.Start(users.SetPriv, ["--reuid=58990", "--regid=58990", "--clear-groups", "sleep", "600"]);
            await Wait.UntilAsync(() => ProcessTree.OfUser(58_990).Count == 1);
            Assert.Throws<IOException>(users.Take);
        }

        Assert.Throws<IOException>(users.Take);
        Assert.Equal((1, true), await users.KillOwnerOfAsync(directory.Path, TimeProvider.System));
        users.Take().Dispose();
        FileFacts.GiveTo(directory.Path, 0, 0);
        Assert.Equal((0, true), await users.KillOwnerOfAsync(directory.Path, TimeProvider.System));
    }

    [Fact]
    public async Task A_second_name_for_a_file_of_the_servers_does_not_make_it_the_runs()
    {
        using var phase = new Phase(_sandbox);
        var secret = Path.Combine(_sandbox.Runs!, "secret");
        await File.WriteAllTextAsync(secret, "the server's");
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        System.Diagnostics.Process.Start("ln", [secret, Path.Combine(phase.Directory.Working, "second")]).WaitForExit();

        await phase.ShellAsync("cat second; ln -s /etc/shadow third; echo looked");
        await phase.ShellAsync("echo again");

        Assert.DoesNotContain("the server's", phase.Output, StringComparison.Ordinal);
        Assert.Equal(0u, FileFacts.Of(secret)!.Value.Owner);
        Assert.Equal(0u, FileFacts.Of("/etc/shadow")!.Value.Owner);
    }

    [Fact]
    public async Task Terraform_runs_stops_and_saves_its_state()
    {
        using var phase = new Phase(_sandbox).Configure("""
            resource "terraform_data" "first" {}
            resource "terraform_data" "slow" {
              depends_on = [terraform_data.first]
              provisioner "local-exec" { command = "echo has-started; sleep 300" }
            }
            """);
        Assert.True((await phase.TerraformAsync("init", "-input=false")).Succeeded, phase.Output);

        var applying = phase.TerraformAsync("apply", "-auto-approve", "-input=false", "-no-color");
        await phase.SaidAsync("has-started");
        phase.Stop();

        Assert.Equal(1, (await applying).Code);
        Assert.Contains("\"first\"", await File.ReadAllTextAsync(Path.Combine(phase.Directory.Working, "terraform.tfstate")), StringComparison.Ordinal);
    }
}
