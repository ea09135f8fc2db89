using System.Globalization;
using Orchestrator.Benchmarks.Harness;

namespace Orchestrator.Benchmarks.Api;

/// <summary>What somebody waits longer for <c>terraform plan</c> when the platform makes it: the same command in the same configuration,
/// with and without a <c>cloud</c> block. Most of it is the client's own polling.</summary>
internal sealed class PlanDelay(BenchmarkOptions options, Report report, ApiClient api, WorkArea area, Uri server)
{
    private const string Organization = "plans";
    private const string Plan = "terraform plan -input=false";

    public async Task MeasureAsync()
    {
        await api.CreateOrganizationAsync(Organization);
        var here = area.FreshCopyOf(WorkArea.Sample("hello"));
        var there = area.FreshCopyOf(WorkArea.Sample("hello"));
        var host = $"localhost:{server.Port}";
        await File.WriteAllTextAsync(Path.Combine(there, "cloud.tf"), $$"""
            terraform {
              cloud {
                hostname     = "{{host}}"
                organization = "{{Organization}}"
                workspaces {
                  name = "measured"
                }
              }
            }
            """);
        // Where the API is, without discovery: that wants a certificate which this machine trusts.
        await File.WriteAllTextAsync(Path.Combine(there, "terraform.rc"), $$"""
            host "{{host}}" {
              services = { "tfe.v2" = "{{server}}api/v2/" }
            }
            credentials "{{host}}" {
              token = "{{ServerProcess.AdminToken}}"
            }
            """);
        var cloud = ("TF_CLI_CONFIG_FILE", Path.Combine(there, "terraform.rc"));
        await RawTerraform.RunAsync(here, "terraform init -input=false");
        await RawTerraform.RunAsync(there, "terraform init -input=false", cloud);
        await RawTerraform.RunAsync(there, Plan, cloud);

        var (local, remote, added) = (new Series(), new Series(), new Series());
        for (var round = 0; round < options.Times(usually: 10, quick: 2); round++)
        {
            var alone = await RawTerraform.RunAsync(here, Plan);
            var through = await RawTerraform.RunAsync(there, Plan, cloud);
            local.Add(alone.TotalSeconds);
            remote.Add(through.TotalSeconds);
            added.Add((through - alone).TotalSeconds);
        }
        report.Add("terraform plan through the platform", remote, "s", local);
        report.Add("what the platform adds to a plan", added, "s", goal: Goal.ValueAtMost(1.5));
        Report.Say(string.Create(CultureInfo.InvariantCulture, $"the client waits at least 0.5 s for its upload and 1 s for the run's start by itself"));
    }
}
