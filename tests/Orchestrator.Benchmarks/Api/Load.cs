using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orchestrator.Benchmarks.Api;

/// <summary>A few clients that each ask again as soon as they have their answer. They share the processors with the server.</summary>
internal sealed class Load(HttpClient http, TimeSpan duration)
{
    private const int Clients = 8;

    public async Task<double> RateAsync(string path)
    {
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => AskAsync(path, started)));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>The milliseconds within which all but the slowest hundredth have their answer, when so many are asked each second.</summary>
    /// <remarks>Counted from when a request was due, so that a slow answer also counts for those that had to wait behind it. The client's own
    /// timer, late as it wakes, counts too: the baseline says how much.</remarks>
    public async Task<double> SlowestHundredthAsync(string path, double rate)
    {
        var took = new ConcurrentBag<double>();
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            for (var number = client; ; number += Clients)
            {
                var due = TimeSpan.FromSeconds(number / rate);
                if (due > duration)
                {
                    return;
                }
                if (due - Stopwatch.GetElapsedTime(started) is { TotalMilliseconds: >= 1 } early)
                {
                    await Task.Delay(early);
                }
                await AskAsync(path);
                took.Add((Stopwatch.GetElapsedTime(started) - due).TotalMilliseconds);
            }
        }));
        var sorted = took.Order().ToArray();
        return sorted[(int)((sorted.Length - 1) * 0.99)];
    }

    private async Task<int> AskAsync(string path, long started)
    {
        var count = 0;
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            await AskAsync(path);
            count++;
        }
        return count;
    }

    private async Task AskAsync(string path)
    {
        using var answer = await http.GetAsync(path);
        answer.EnsureSuccessStatusCode();
        await answer.Content.LoadIntoBufferAsync();
    }
}
