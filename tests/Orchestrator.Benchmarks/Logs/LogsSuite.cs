using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Data;

namespace Orchestrator.Benchmarks.Logs;

/// <summary>A run that prints without end: what it costs in memory and in time, the whole way from terraform to the store.</summary>
internal sealed class LogsSuite : ISuite
{
    private const string Organization = "benchmark";

    private const string Line = "A line of a program that talks a lot, as long as lines in logs are, about one hundred letters....";
    private const string Prefix = "terraform_data.loud (local-exec): ";

    // It takes minutes, and looking is work for the server, too.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);

    public string Name => "logs";

    public async Task MeasureAsync(BenchmarkOptions options, Report report)
    {
        RedactorSpeed.Measure(options, report);
        using var area = new WorkArea(options);
        var megabytes = options.Times(usually: 200, quick: 2);
        // Terraform itself is slow at it, a megabyte or two a second: a tenth tells how slow.
        var rawMegabytes = options.Times(usually: 20, quick: 2);
        var raw = await RawApplyAsync(area, await LoudAsync(area, rawMegabytes));
        Report.Say($"raw terraform took {raw:F1} s for {rawMegabytes} MB");
        var data = area.Fresh("data");
        await using var server = await ServerProcess.StartAsync(options, data);
        using var api = new ApiClient(server.Address);
        await api.CreateOrganizationAsync(Organization);
        // The server has carried out a run, and is idle.
        await api.RunAsync(await api.CreateWorkspaceAsync(Organization, "hello", WorkArea.Sample("hello")));
        var workspace = await api.CreateWorkspaceAsync(Organization, "loud", await LoudAsync(area, megabytes));
        await Task.Delay(TimeSpan.FromSeconds(options.Times(usually: 10, quick: 1)));
        var (idle, processor) = (ProcessMemory.Resident(server.Id), ProcessorTime.Of(server.Id));
        ProcessMemory.ForgetPeak(server.Id);

        var (seconds, stored) = await ApplyAsync(options, api, data, workspace);
        var peak = ProcessMemory.Peak(server.Id);
        report.Add($"apply that logs {megabytes} MB", megabytes / seconds, "MB/s", rawMegabytes / raw);
        report.Add("its stored log", stored / (1024.0 * 1024), "MB");
        report.Add("the server's processor time for it", (ProcessorTime.Of(server.Id) - processor).TotalSeconds, "s");
        report.Add("the server's greatest resident memory while it runs", peak, "MB", idle);
        report.Add("the same above the idle server's", peak - idle, "MB", goal: Goal.ValueAtMost(100));
    }

    private static async Task<string> LoudAsync(WorkArea area, int megabytes)
    {
        var configuration = area.Fresh("loud");
        await File.WriteAllTextAsync(Path.Combine(configuration, "main.tf"), Loud(megabytes));
        return configuration;
    }

    /// <summary>So many megabytes of log: terraform says in front of each line where it comes from.</summary>
    private static string Loud(int megabytes) =>
        $$"""
        resource "terraform_data" "loud" {
          provisioner "local-exec" {
            command = "yes '{{Line}}' | head -n {{megabytes * 1024L * 1024 / (Prefix.Length + Line.Length + 1)}}"
          }
        }
        """;

    private static async Task<double> RawApplyAsync(WorkArea area, string configuration)
    {
        var directory = area.FreshCopyOf(configuration);
        await RawTerraform.RunAsync(directory, "terraform init -input=false && terraform plan -input=false -out=plan.tfplan");
        return (await RawTerraform.RunAsync(directory, "terraform apply -input=false plan.tfplan | cat")).TotalSeconds;
    }

    private static async Task<(double Seconds, long Stored)> ApplyAsync(
        BenchmarkOptions options, ApiClient api, string data, string workspace)
    {
        var started = Stopwatch.GetTimestamp();
        var run = await api.CreateRunAsync(workspace);
        await api.WaitUntilAppliedAsync(run, Look);
        Report.Say($"the whole run took {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
        using var database = new Database(options, data);
        await using var db = database.Open();
        var apply = await db.Applies.AsNoTracking().FirstAsync(row => row.RunId == new RunId(run));
        var step = apply.Steps.First(step => step.Name == "apply");
        Report.Say(string.Join(", ", apply.Steps.Select(each => $"{each.Name} {each.Milliseconds} ms")));
        return (step.Milliseconds / 1000.0, apply.LogLength ?? 0);
    }
}
