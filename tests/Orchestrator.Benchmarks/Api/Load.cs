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

    private async Task<int> AskAsync(string path, long started)
    {
        var count = 0;
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            using var answer = await http.GetAsync(path);
            answer.EnsureSuccessStatusCode();
            await answer.Content.LoadIntoBufferAsync();
            count++;
        }
        return count;
    }
}
