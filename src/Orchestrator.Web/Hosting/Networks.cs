using System.Net;

namespace Orchestrator.Web.Hosting;

/// <summary>Addresses and networks as settings name them.</summary>
internal static class Networks
{
    /// <returns>A sentence about the first one that is neither; null when there is none.</returns>
    public static string? Fault(string setting, IEnumerable<string> texts) => texts.FirstOrDefault(text => !TryParse(text, out _)) is { } wrong
        ? $"{setting} has '{wrong}', which is neither an address, such as 10.1.2.3 or fd00::1, nor a network, such as 10.1.0.0/16."
        : null;

    public static IPNetwork Parse(string text) => TryParse(text, out var network) ? network : throw new FormatException(text);

    public static bool Contains(IEnumerable<IPNetwork> networks, IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return networks.Any(network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain));
    }

    private static bool TryParse(string text, out IPNetwork network)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
            return true;
        }
        return IPNetwork.TryParse(text, out network);
    }
}
