using System.Security.Authentication;
using Microsoft.Extensions.Options;
using Orchestrator.Runs;
using Orchestrator.Web.Api;

namespace Orchestrator.Web.Hosting;

/// <summary>Where a run's terraform finds the API: its own worker's, or the one that the worker is told.</summary>
internal sealed class StateApi : IStateApi, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ServerAddresses _addresses;
    private readonly IssuerSetting _issuer;
    private readonly string? _told;
    private readonly TimeProvider _clock;
    private readonly HttpClient? _http;

    public StateApi(ServerAddresses addresses, IssuerSetting issuer, IOptions<WorkerOptions> worker, TimeProvider clock)
        : this(addresses, issuer, worker, clock, new SocketsHttpHandler { AllowAutoRedirect = false })
    {
    }

    internal StateApi(ServerAddresses addresses, IssuerSetting issuer, IOptions<WorkerOptions> worker, TimeProvider clock, HttpMessageHandler handler)
    {
        (_addresses, _issuer, _told, _clock) = (addresses, issuer, worker.Value.ApiAddress?.TrimEnd('/'), clock);
        if (_told is not null)
        {
            _http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        }
        else
        {
            handler.Dispose();
        }
    }

    public Uri Address => new((_told ?? _addresses.Loopback) + ApiRoutes.Root + "/");

    /// <summary>Terraform calls hosts over HTTPS alone. Where the platform is told its public name, that is the issuer's.</summary>
    public IReadOnlyList<string> Hosts =>
    [
        .. _addresses.All
            .Append(_issuer.Address)
            .Append(_told ?? "")
            .SelectMany(NamesOf)
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Asked by terraform's own way, through a proxy where there is one. Any answer is one but an error of the server's or of a gateway's; so is
    /// a certificate that this process does not trust: terraform may.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        if (_http is null)
        {
            return true;
        }
        using var patience = new CancellationTokenSource(Patience, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var answer = await _http.GetAsync(_told + HealthEndpoints.AlivePath, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return (int)answer.StatusCode < StatusCodes.Status500InternalServerError;
        }
        catch (HttpRequestException unanswered)
        {
            return unanswered.InnerException is AuthenticationException;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _http?.Dispose();

    private static IEnumerable<string> NamesOf(string address) =>
        !Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps ? []
        : url.IsLoopback ? [url.Authority, $"localhost:{url.Port}"]
        : [url.Authority];
}
