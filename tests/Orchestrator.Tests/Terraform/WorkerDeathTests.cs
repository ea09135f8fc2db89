using System.Diagnostics;
using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

/// <summary>The plug is pulled: the worker is a process of its own, and it is killed.</summary>
public sealed class WorkerDeathTests : IDisposable
{
    private readonly TemporaryDirectory _data = new();
    private readonly TemporaryDirectory _configuration = new();
    private readonly RunId _run = Identifier.New<RunId>();

    private string Working => Path.Combine(_data.Path, "runs", _run.Value, "configuration");

    public void Dispose()
    {
        ProcessTree.KillAsync(_run.Value, TimeProvider.System).GetAwaiter().GetResult();
        _data.Dispose();
        _configuration.Dispose();
    }

    [Theory, InlineData("none"), InlineData("bwrap")]
    public async Task Terraform_outlives_its_worker_until_it_has_saved_its_state(string sandbox)
    {
        _configuration.File("main.tf", """
            resource "terraform_data" "first" {}
            resource "terraform_data" "slow" {
              depends_on = [terraform_data.first]
              provisioner "local-exec" { command = "echo has-started; sleep 300" }
            }
            """);

        await KillWorkerAsync(sandbox, secondsToSave: 60,
            $"{Programs.Terraform.Path} init -input=false && exec {Programs.Terraform.Path} apply -auto-approve -input=false -no-color");
        // What terraform itself has started may outlive it; that is for the sweep to remove.
        await Wait.UntilAsync(() => !ProcessTree.Find(_run.Value).Any(id => NameOf(id) == "terraform"));

        var state = await File.ReadAllTextAsync(Path.Combine(Working, "terraform.tfstate"));
        Assert.Contains("\"name\": \"first\"", state, StringComparison.Ordinal);
        // Only an interrupted terraform still finds the time to write down what it was in the middle of.
        Assert.Contains("\"status\": \"tainted\"", state, StringComparison.Ordinal);
    }

    [Theory, InlineData("none"), InlineData("bwrap")]
    public async Task Terraform_that_does_not_end_is_killed_when_its_time_is_over(string sandbox)
    {
        await KillWorkerAsync(sandbox, secondsToSave: 1, "trap '' INT; echo has-started; while :; do sleep 0.2; done");

        await Wait.UntilAsync(() => ProcessTree.Find(_run.Value).Count == 0);
    }

    private static string NameOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm").Trim();
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    private async Task KillWorkerAsync(string sandbox, int secondsToSave, string script)
    {
        var start = new ProcessStartInfo(
            Programs.Fake.Path,
            ["worker", _data.Path, _run.Value, $"{secondsToSave}", sandbox, "/bin/sh", "-c", script])
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _configuration.Path,
        };
        using var worker = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Wait.Limit);
        while (await worker.StandardOutput.ReadLineAsync(limit.Token) is { } line && !line.EndsWith("has-started", StringComparison.Ordinal))
        {
            // On the way there.
        }
        Assert.NotEmpty(ProcessTree.Find(_run.Value));
        worker.Kill();
        await worker.WaitForExitAsync(limit.Token);
    }
}
