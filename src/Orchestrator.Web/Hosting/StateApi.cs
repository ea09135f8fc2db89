using Microsoft.Extensions.Options;
using Orchestrator.Runs;
using Orchestrator.Web.Api;

namespace Orchestrator.Web.Hosting;

/// <summary>Where a run's terraform finds the API: its own worker's, or the one that the worker is told.</summary>
internal sealed class StateApi(ServerAddresses addresses, IssuerSetting issuer, IOptions<WorkerOptions> worker) : IStateApi
{
    public Uri Address => new((worker.Value.ApiAddress?.TrimEnd('/') ?? addresses.Loopback) + ApiRoutes.Root + "/");

    /// <summary>Terraform calls hosts over HTTPS alone. Where the platform is told its public name, that is the issuer's.</summary>
    public IReadOnlyList<string> Hosts =>
    [
        .. addresses.All
            .Append(issuer.Address)
            .Append(worker.Value.ApiAddress ?? "")
            .SelectMany(NamesOf)
            .Distinct(StringComparer.OrdinalIgnoreCase),
    ];

    private static IEnumerable<string> NamesOf(string address) =>
        !Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps ? []
        : url.IsLoopback ? [url.Authority, $"localhost:{url.Port}"]
        : [url.Authority];
}
