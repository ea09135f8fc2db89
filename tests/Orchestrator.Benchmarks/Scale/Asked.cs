using System.Diagnostics;
using Orchestrator.Benchmarks.Harness;

namespace Orchestrator.Benchmarks.Scale;

/// <summary>The same question to something large and to something small, in turns.</summary>
internal static class Asked
{
    /// <summary>The small one is the baseline: the ratio is the growth.</summary>
    public static async Task CompareAsync(BenchmarkOptions options, Report report, string name, Func<Task> ofLarge, Func<Task> ofSmall)
    {
        var (large, small) = (new Series(), new Series());
        var warmUps = options.Times(usually: 20, quick: 2);
        for (var round = 0; round < warmUps + options.Times(usually: 101, quick: 5); round++)
        {
            var smallTook = await TimeAsync(ofSmall);
            var largeTook = await TimeAsync(ofLarge);
            if (round >= warmUps)
            {
                small.Add(smallTook);
                large.Add(largeTook);
            }
        }
        report.Add(name, large, "ms", small);
    }

    /// <summary>In milliseconds.</summary>
    private static async Task<double> TimeAsync(Func<Task> ask)
    {
        var started = Stopwatch.GetTimestamp();
        await ask();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
