using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Orchestrator.Web.Hosting;

/// <summary>Where this server really listens, known once it does.</summary>
internal sealed class ServerAddresses(IServer server)
{
    /// <summary>The address that is told to people when no public one is set.</summary>
    public string Local => First(Uri.UriSchemeHttp) ?? First(Uri.UriSchemeHttps)
        ?? throw new InvalidOperationException("The server does not listen yet.");

    public string? LocalSecure => First(Uri.UriSchemeHttps);

    /// <summary>For programs on this machine, over plain HTTP: no certificate, no detour.</summary>
    public string Loopback
    {
        get
        {
            var address = new Uri(First(Uri.UriSchemeHttp) ?? throw new InvalidOperationException(
                "Runs need an http:// address on loopback for their state. Add one to --urls, or set Orchestrator__Worker__ApiAddress."));
            return address.Host is "localhost" ? $"http://127.0.0.1:{address.Port}" : address.GetLeftPart(UriPartial.Authority);
        }
    }

    public IEnumerable<string> All => server.Features.Get<IServerAddressesFeature>()?.Addresses.Select(Readable) ?? [];

    private string? First(string scheme) => All
        .FirstOrDefault(address => address.StartsWith(scheme + ":", StringComparison.Ordinal));

    /// <summary>"Every address" is no address one can go to.</summary>
    private static string Readable(string address) => address
        .Replace("//[::]:", "//localhost:", StringComparison.Ordinal)
        .Replace("//0.0.0.0:", "//localhost:", StringComparison.Ordinal)
        .Replace("//+:", "//localhost:", StringComparison.Ordinal)
        .Replace("//*:", "//localhost:", StringComparison.Ordinal)
        .TrimEnd('/');
}
