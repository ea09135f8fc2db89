using Orchestrator.Benchmarks.Api;
using Orchestrator.Benchmarks.Identity;
using Orchestrator.Benchmarks.Logs;
using Orchestrator.Benchmarks.Runs;
using Orchestrator.Benchmarks.Scale;
using Orchestrator.Benchmarks.Startup;
using Orchestrator.Benchmarks.Ui;
using Orchestrator.Benchmarks.Vcs;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>Picks a suite, measures, and hands on the figures. Measured is success: a goal that is missed is a figure, too.</summary>
internal static class CommandLine
{
    private const int Measured = 0;
    private const int WrongUsage = 2;

    private static readonly ISuite[] Suites = [new RunsSuite(), new ApiSuite(), new LogsSuite(), new ScaleSuite(), new StartupSuite(), new IdentitySuite(), new VcsSuite(), new UiSuite()];

    public static async Task<int> RunAsync(string[] args)
    {
        if (args is [EmptyServer.Verb, var urls])
        {
            await EmptyServer.RunAsync(urls);
            return Measured;
        }
        var suite = args.Length == 0 ? null : Suites.FirstOrDefault(suite => suite.Name == args[0]);
        if (suite is null || BenchmarkOptions.Read(args[1..]) is not { } options)
        {
            await Console.Error.WriteLineAsync(
                $"Usage: {{{string.Join('|', Suites.Select(each => each.Name))}}} [--json FILE] [--quick] [--database sqlite|postgres] "
                + "[--connection-string TEXT] [--directory DIRECTORY]");
            return WrongUsage;
        }
        var report = new Report(suite.Name);
        await using (var database = await FreshDatabase.CreateAsync(options))
        {
            await suite.MeasureAsync(database.Options, report);
        }
        report.Print();
        if (options.JsonFile is { } file)
        {
            await report.SaveAsync(file);
        }
        return Measured;
    }
}

/// <summary>A group of measurements that share their set-up. Each takes its raw baseline in the same run, in turns with the subject,
/// so that a busy machine slows both.</summary>
internal interface ISuite
{
    string Name { get; }

    Task MeasureAsync(BenchmarkOptions options, Report report);
}
