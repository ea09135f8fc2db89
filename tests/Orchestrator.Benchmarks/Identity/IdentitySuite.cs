using System.Diagnostics;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Data;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Benchmarks.Identity;

/// <summary>What a run's token costs beside the signature in it, on one core.</summary>
internal sealed class IdentitySuite : ISuite
{
    // As long as what is signed in a token.
    private static readonly byte[] Text = RandomNumberGenerator.GetBytes(1100);

    private static readonly RunIdentity Run = new(
        OrganizationId.Of("org-aaaaaaaaaaaaaaaa"), "acme", ProjectId.Of("prj-bbbbbbbbbbbbbbbb"), "Default Project",
        WorkspaceId.Of("ws-cccccccccccccccc"), "network-prod", RunId.Of("run-dddddddddddddddd"), "apply");

    public string Name => "identity";

    public async Task MeasureAsync(BenchmarkOptions options, Report report)
    {
        using var area = new WorkArea(options);
        using var rsa = RSA.Create(3072);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await MeasureAsync(
            options, report, area, "RS256", () => rsa.SignData(Text, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), Goal.RatioAtLeast(0.8));
        await MeasureAsync(options, report, area, "ES256", () => ec.SignData(Text, HashAlgorithmName.SHA256), goal: null);
        await CredentialSpeed.MeasureAsync(options, report, area);
    }

    private static async Task MeasureAsync(
        BenchmarkOptions options, Report report, WorkArea area, string algorithm, Func<byte[]> sign, Goal? goal)
    {
        await using var services = Services(options, area, algorithm);
        await using (var db = await services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync())
        {
            await db.Database.MigrateAsync();
        }
        var issuer = services.GetRequiredService<TokenIssuer>();
        var time = TimeSpan.FromMilliseconds(options.Times(usually: 300, quick: 100));
        var (subject, raw) = (new Series(), new Series());
        for (var round = 0; round < options.Times(usually: 31, quick: 2); round++)
        {
            raw.Add(await RateAsync(time, () => new ValueTask<object>(sign())));
            subject.Add(await RateAsync(time, async () => await issuer.MintAsync(Run, "aws.workload.identity", CancellationToken.None)));
        }
        report.Add($"minting, {algorithm}", subject, "tokens/s", raw, goal);
    }

    /// <summary>How often a second, one after the other.</summary>
    private static async Task<double> RateAsync(TimeSpan time, Func<ValueTask<object>> work)
    {
        await work();
        var (started, count) = (Stopwatch.GetTimestamp(), 0);
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            await work();
            count++;
        }
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static ServiceProvider Services(BenchmarkOptions options, WorkArea area, string algorithm)
    {
        var section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Orchestrator:DataDirectory"] = area.Fresh("data"),
            ["Orchestrator:Database:Provider"] = options.Database.ToString(),
            ["Orchestrator:Database:ConnectionString"] = options.ConnectionString,
            ["Orchestrator:Issuer"] = "https://orchestrator.example.com",
            ["Orchestrator:SigningKeys:Algorithm"] = algorithm,
        }).Build().GetSection("Orchestrator");
        return new ServiceCollection().AddLogging().AddData(section).AddWorkloadIdentity(section).BuildServiceProvider();
    }
}
