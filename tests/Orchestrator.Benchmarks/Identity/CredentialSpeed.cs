using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Benchmarks.Runs;
using Orchestrator.Credentials.Aws;
using Orchestrator.Web.Credentials;

namespace Orchestrator.Benchmarks.Identity;

/// <summary>What credentials cost a run: once when a phase starts, and whenever its processes fetch them again.</summary>
internal static class CredentialSpeed
{
    public static async Task MeasureAsync(BenchmarkOptions options, Report report, WorkArea area)
    {
        await MeasureStepAsync(options, report, area);
        await MeasureEndpointAsync(options, report);
    }

    /// <summary>Mint, exchange with the simulator, inject, and write the ledger: the step as a run's own timeline has it.</summary>
    private static async Task MeasureStepAsync(BenchmarkOptions options, Report report, WorkArea area)
    {
        var data = area.Fresh("data");
        await using var server = await ServerProcess.StartAsync(options, data, "Development");
        using var api = new ApiClient(server.Address);
        await api.CreateOrganizationAsync("acme");
        // The name that the samples' roles trust.
        var workspace = await api.CreateWorkspaceAsync("acme", "aws-remote-state", WorkArea.Sample("hello"));
        await api.SetEnvironmentAsync(workspace, "TFC_AWS_PROVIDER_AUTH", "true");
        await api.SetEnvironmentAsync(workspace, "TFC_AWS_PLAN_ROLE_ARN", "arn:aws:iam::123456789012:role/orchestrator-plan");
        await api.SetEnvironmentAsync(workspace, "TFC_AWS_APPLY_ROLE_ARN", "arn:aws:iam::123456789012:role/orchestrator-apply");
        using var database = new Database(options, data);
        var timeline = new Timeline(database);
        var steps = new Series();
        var warmUps = options.Times(usually: 5, quick: 1);
        for (var round = 0; round < warmUps + options.Times(usually: 15, quick: 2); round++)
        {
            // Somebody else is greeted each time, so that there is something to apply.
            var run = await api.CreateRunAsync(workspace, $"round {round}");
            await api.WaitUntilAppliedAsync(run);
            foreach (var (name, milliseconds) in await timeline.ReadAsync(run))
            {
                if (round >= warmUps && name.EndsWith("credentials", StringComparison.Ordinal))
                {
                    steps.Add(milliseconds);
                }
            }
        }
        report.Add("mint, exchange, inject", steps, "ms", goal: Goal.ValueAtMost(25));
    }

    private static async Task MeasureEndpointAsync(BenchmarkOptions options, Report report)
    {
        var session = Task.FromResult(new AwsSession(
            "ASIAEXAMPLE", new string('s', 40), new string('t', 900), DateTimeOffset.UtcNow.AddHours(1), "arn:aws:sts::123456789012:assumed-role/a/b", null));
        await using var endpoint = new CredentialEndpoint();
        using var door = await endpoint.OpenAsync((_, _) => session, CancellationToken.None);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        await using var empty = builder.Build();
        empty.Run(context => context.Response.WriteAsync("{}"));
        await empty.StartAsync();

        using var http = new HttpClient();
        var (answers, raw) = (new Series(), new Series());
        for (var round = 0; round < options.Times(usually: 2000, quick: 50); round++)
        {
            raw.Add(await TimeAsync(http, new Uri(empty.Urls.First()), null));
            answers.Add(await TimeAsync(http, new Uri(door.Address, "default"), door.Token));
        }
        report.Add("endpoint answers from cache", answers, "ms", raw, Goal.ValueAtMost(2));
    }

    private static async Task<double> TimeAsync(HttpClient http, Uri address, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", token);
        }
        var started = Stopwatch.GetTimestamp();
        using var answer = await http.SendAsync(request);
        await answer.Content.ReadAsByteArrayAsync();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
