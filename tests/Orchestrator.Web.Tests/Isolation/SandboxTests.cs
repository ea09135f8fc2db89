using System.Text.Json.Nodes;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Isolation;

public sealed class SandboxTests
{
    [Fact]
    public async Task A_run_sees_neither_the_data_directory_nor_another_runs_nor_the_servers_environment()
    {
        var platform = await SharedPlatforms.OfAsync();
        Assert.SkipUnless(platform.Get<Sandbox>().IsActive, "bubblewrap does not work here: apt-get install bubblewrap.");
        Environment.SetEnvironmentVariable("CANARY_OF_THE_SERVER", "canary-in-the-environment");
        var canary = Path.Combine(platform.DirectoryPath, "canary");
        await File.WriteAllTextAsync(canary, "canary-in-the-data-directory", TestContext.Current.CancellationToken);
        var neighbour = await TestWorkspace.CreateAsync(platform.Api);
        await neighbour.UploadSampleAsync("long-running");
        var running = await neighbour.StartAsync(new JsonObject { ["auto-apply"] = true });
        await running.WaitForLogAsync("apply", "step 1 of 60");
        Assert.True(Directory.Exists(Path.Combine(platform.DirectoryPath, "runs", running.Id)));
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("data", platform.DirectoryPath);
        await workspace.UploadAsync("""
            variable "data" { type = string }
            resource "terraform_data" "one" {
              provisioner "local-exec" {
                command = <<-EOT
                  env
                  cat /proc/*/environ | tr '\0' '\n'
                  cat ${var.data}/canary ${var.data}/orchestrator.db 2>&1
                  ls -R ${var.data} | sed 's/^/data: /'
                  ls ${var.data}/runs | sed 's/^/runs: /'
                  ls -d /root/.* /home/* /var/* 2>/dev/null | sed 's/^/homes: /'
                  touch /usr/written-by-a-run ${var.data}/written-by-a-run && echo 'could write'
                  ps ax 2>/dev/null | sed 's/^/process: /'
                  echo looked-$((40 + 2))-times
                EOT
              }
            }
            """);

        var run = await workspace.ApplyAsync();
        var log = await run.LogAsync("apply");
        (await running.ActAsync("cancel")).Expect(202);

        Assert.Contains("looked-42-times", log, StringComparison.Ordinal);
        Assert.Contains($"runs: {run.Id}", log, StringComparison.Ordinal);
        Assert.DoesNotContain($"runs: {running.Id}", log, StringComparison.Ordinal);
        Assert.DoesNotContain(running.Id, log, StringComparison.Ordinal);
        Assert.DoesNotContain("canary-in", log, StringComparison.Ordinal);
        Assert.DoesNotContain("SQLite format", log, StringComparison.Ordinal);
        Assert.DoesNotContain("data: keys", log, StringComparison.Ordinal);
        Assert.DoesNotMatch("homes: /(root|home|var)", log);
        Assert.DoesNotContain("dotnet", log, StringComparison.Ordinal);
        Assert.False(File.Exists("/usr/written-by-a-run"));
        Assert.False(File.Exists(Path.Combine(platform.DirectoryPath, "written-by-a-run")));
        await running.ReachAsync("canceled");
    }

    [Fact]
    public async Task A_process_that_a_run_leaves_behind_is_ended_with_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""
            resource "terraform_data" "one" {
              provisioner "local-exec" {
                command = "setsid -f sleep 4711 >/dev/null 2>&1 </dev/null; nohup sleep 4712 >/dev/null 2>&1 & echo le''ft"
              }
            }
            """);

        var run = await workspace.ApplyAsync();

        Assert.Contains("left", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.Empty(ProcessTree.Find(run.Id));
        Assert.DoesNotContain(
            Directory.EnumerateDirectories("/proc").Where(path => path["/proc/".Length..].All(char.IsAsciiDigit)).Select(CommandLineOf),
            command => command.StartsWith("sleep\u0000471", StringComparison.Ordinal));
    }

    private static string CommandLineOf(string process)
    {
        try
        {
            return File.ReadAllText($"{process}/cmdline");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
