using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Orchestrator.Runs;

namespace Orchestrator.Web.Hosting;

/// <summary>What a process last saw of the database. Anybody may know it, and asking costs nothing: the process looks by itself.</summary>
/// <param name="Database"><c>fine</c> or <c>away</c>; null before the first look.</param>
/// <param name="Age">Seconds since that look began.</param>
/// <param name="Mark">By which whoever asks recognises itself.</param>
internal sealed partial record DatabaseSighting(string? Database, double Age, string Mark)
{
    public const string Away = "away";

    public static DatabaseSighting Of(DatabaseSight sight) => sight.Last is { } last
        ? new DatabaseSighting(last.Away ? Away : "fine", last.Age.TotalSeconds, sight.Mark)
        : new DatabaseSighting(null, 0, sight.Mark);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(DatabaseSighting))]
    internal sealed partial class Json : JsonSerializerContext;
}

/// <summary>Asks the process that keeps the states of this worker's runs.</summary>
internal sealed class StateApiWitness : IWitness, IDisposable
{
    public const string Path = "/healthz/database";

    private const int MaxAnswer = 1024;

    /// <summary>Whoever has several runs under way asks once for all of them.</summary>
    private static readonly TimeSpan Shared = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly HttpClient? _http;
    private readonly DatabaseSight _own;
    private readonly TimeProvider _clock;
    private readonly SemaphoreSlim _one = new(1);
    private (long Asked, TimeSpan? Age)? _last;

    public StateApiWitness(IOptions<WorkerOptions> worker, DatabaseSight own, TimeProvider clock)
        : this(worker, own, clock, new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
    {
    }

    internal StateApiWitness(IOptions<WorkerOptions> worker, DatabaseSight own, TimeProvider clock, HttpMessageHandler handler)
    {
        (_own, _clock) = (own, clock);
        if (worker.Value.ApiAddress is { } address)
        {
            _http = new HttpClient(handler)
            {
                BaseAddress = new Uri(address.TrimEnd('/')),
                MaxResponseContentBufferSize = MaxAnswer,
                Timeout = Timeout.InfiniteTimeSpan,
            };
        }
        else
        {
            handler.Dispose();
        }
    }

    public async Task<TimeSpan?> SawDatabaseAwayAsync(CancellationToken cancellationToken)
    {
        if (_http is null)
        {
            return null;
        }
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_last is not { } last || _clock.GetElapsedTime(last.Asked) >= Shared)
            {
                // Before the question is sent, so that the answer is rather taken for too old.
                var asked = _clock.GetTimestamp();
                _last = last = (asked, await AskAsync(_http, cancellationToken));
            }
            return last.Age is { } age ? age + _clock.GetElapsedTime(last.Asked) : null;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose()
    {
        _http?.Dispose();
        _one.Dispose();
    }

    private async Task<TimeSpan?> AskAsync(HttpClient http, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var seen = await http.GetFromJsonAsync(http.BaseAddress!.AbsolutePath.TrimEnd('/') + Path, DatabaseSighting.Json.Default.DatabaseSighting, either.Token);
            // A load balancer may lead back to this very process.
            return seen is { Database: DatabaseSighting.Away, Age: >= 0 and < 60, Mark.Length: > 0 } && seen.Mark != _own.Mark ? TimeSpan.FromSeconds(seen.Age) : null;
        }
        catch (Exception unanswered) when (unanswered is HttpRequestException or JsonException or NotSupportedException or InvalidOperationException
            || (unanswered is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
