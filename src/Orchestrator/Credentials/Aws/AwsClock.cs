using System.Globalization;

namespace Orchestrator.Credentials.Aws;

/// <summary>How far this machine's clock and AWS's are apart, as AWS's answers show it.</summary>
public sealed class AwsClock(TimeProvider clock)
{
    /// <summary>What IAM tolerates; a token also lives five minutes.</summary>
    private static readonly TimeSpan Tolerated = TimeSpan.FromMinutes(5);

    private long _aheadTicks;

    /// <summary>Null while all is well, or nothing is known.</summary>
    public string? Warning
    {
        get
        {
            var ahead = TimeSpan.FromTicks(Interlocked.Read(ref _aheadTicks));
            if (ahead.Duration() <= Tolerated)
            {
                return null;
            }
            var minutes = Math.Round(ahead.Duration().TotalMinutes).ToString(CultureInfo.InvariantCulture);
            return $"The clock of this server is {minutes} minutes {(ahead > TimeSpan.Zero ? "ahead of" : "behind")} AWS's. Tokens are "
                + "refused when they seem to come from the future or to be too old: let the server keep its time by NTP.";
        }
    }

    /// <param name="there">The time that an answer of AWS carries.</param>
    public void Observe(DateTimeOffset there) => Interlocked.Exchange(ref _aheadTicks, (clock.GetUtcNow() - there).Ticks);

    /// <summary>Passes requests on, and looks at the answers' dates.</summary>
    internal sealed class Observer(AwsClock clock, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Headers.Date is { } there)
            {
                clock.Observe(there);
            }
            return response;
        }
    }
}
