using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Api.Limits;

/// <summary>Limits how often each caller may ask the API, and tells it with every answer: clients slow down by these headers.</summary>
/// <remarks>A run's terraform may ask often: it sends its states here, and every wait would be a wait of the run.</remarks>
internal sealed class CallerLimits(IOptions<ApiOptions> options, TimeProvider clock) : PartitionedRateLimiter<HttpContext>
{
    private const int RunLimit = 1000;
    private const int ManyBuckets = 1000;

    private readonly ConcurrentDictionary<string, Bucket> _buckets = [];

    /// <summary>Callers that are remembered.</summary>
    public int Count => _buckets.Count;

    public override RateLimiterStatistics? GetStatistics(HttpContext resource) => null;

    protected override RateLimitLease AttemptAcquireCore(HttpContext resource, int permitCount)
    {
        if (options.Value.RateLimit == 0 || !resource.Request.Path.StartsWithSegments(ApiRoutes.Root, StringComparison.Ordinal))
        {
            return Lease.Given;
        }
        var caller = Caller.TryOf(resource);
        var limit = caller?.RunToken is null ? options.Value.RateLimit : Math.Max(RunLimit, options.Value.RateLimit);
        var now = clock.GetUtcNow();
        var taken = _buckets.GetOrAdd(NameOf(caller, resource), static (_, start) => new Bucket(start.limit, start.now), (limit, now)).Take(now);
        Tell(resource.Response.Headers, taken);
        if (_buckets.Count > ManyBuckets)
        {
            Forget(now);
        }
        return taken.IsTaken ? Lease.Given : Lease.Refused;
    }

    /// <summary>Nobody waits in the server: a client that was refused knows when to come again.</summary>
    protected override ValueTask<RateLimitLease> AcquireAsyncCore(HttpContext resource, int permitCount, CancellationToken cancellationToken) =>
        ValueTask.FromResult<RateLimitLease>(Lease.Refused);

    private static string NameOf(Caller? caller, HttpContext context) => caller is null
        ? $"address {context.Connection.RemoteIpAddress}"
        : $"{caller.Principal.Kind} {caller.Principal.Id}";

    /// <summary>Numbers, all of them: another text ends the client's process.</summary>
    private static void Tell(IHeaderDictionary headers, Taken taken)
    {
        headers["X-RateLimit-Limit"] = taken.Limit.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = taken.Remaining.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = taken.Reset.TotalSeconds.ToString("0.000", CultureInfo.InvariantCulture);
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var bucket in _buckets)
        {
            if (bucket.Value.IsForgotten(now))
            {
                _buckets.TryRemove(bucket);
            }
        }
    }

    private sealed class Lease(bool isGiven) : RateLimitLease
    {
        public static readonly Lease Given = new(true);
        public static readonly Lease Refused = new(false);

        public override bool IsAcquired => isGiven;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}
