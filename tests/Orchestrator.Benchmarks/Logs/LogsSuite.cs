using Microsoft.EntityFrameworkCore;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Data;

namespace Orchestrator.Benchmarks.Logs;

/// <summary>A run that prints without end: what it costs in memory and in time, the whole way from terraform to the store.</summary>
internal sealed class LogsSuite : ISuite
{
    private const string Organization = "benchmark";

    public string Name => "logs";

    public async Task MeasureAsync(BenchmarkOptions options, Report report)
    {
        RedactorSpeed.Measure(options, report);
        using var area = new WorkArea(options);
        var megabytes = options.Times(usually: 100, quick: 2);
        var configuration = area.Fresh("loud");
        await File.WriteAllTextAsync(Path.Combine(configuration, "main.tf"), Loud(megabytes));

        // One such run says enough, and takes long: terraform itself is slow at it.
        var raw = await RawApplyAsync(area, configuration);
        Report.Say($"raw terraform took {raw:F1} s");
        var data = area.Fresh("data");
        await using var server = await ServerProcess.StartAsync(options, data);
        var (seconds, stored) = await ApplyAsync(options, server, data, configuration);
        report.Add($"apply that prints {megabytes} MB", megabytes / seconds, "MB/s", megabytes / raw);
        report.Add("its stored log", stored / (1024.0 * 1024), "MB");
        report.Add("the server's processor time for it", ProcessorTime.Of(server.Id).TotalSeconds, "s");
        report.Add("the server's greatest resident memory", ProcessMemory.Peak(server.Id), "MB", goal: Goal.ValueAtMost(400));
    }

    private static string Loud(int megabytes) =>
        $$"""
        resource "terraform_data" "loud" {
          provisioner "local-exec" {
            command = "yes 'A line of a program that talks a lot, as long as lines in logs are, about one hundred letters....' | head -c {{megabytes * 1024 * 1024}}"
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
        BenchmarkOptions options, ServerProcess server, string data, string configuration)
    {
        using var api = new ApiClient(server.Address);
        await api.CreateOrganizationAsync(Organization);
        var workspace = await api.CreateWorkspaceAsync(Organization, "loud", configuration);
        var (run, took) = await api.RunAsync(workspace);
        Report.Say($"the whole run took {took.TotalSeconds:F1} s");
        using var database = new Database(options, data);
        await using var db = database.Open();
        var apply = await db.Applies.AsNoTracking().FirstAsync(row => row.RunId == new RunId(run));
        var step = apply.Steps.First(step => step.Name == "apply");
        Report.Say(string.Join(", ", apply.Steps.Select(each => $"{each.Name} {each.Milliseconds} ms")));
        return (step.Milliseconds / 1000.0, apply.LogLength ?? 0);
    }
}
