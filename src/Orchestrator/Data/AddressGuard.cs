using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Data;

/// <summary>Tells addresses out there from those inside, which nobody may make this server call.</summary>
public static class AddressGuard
{
    private static readonly IPNetwork[] Inside =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/128", "::1/128", "100::/64", "2001::/32", "2001:db8::/32", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>Connects to a host by an address that was checked: a name that means something else a moment later gains nothing.</summary>
    /// <param name="allowInside">Whether any address will do.</param>
    /// <exception cref="AddressInsideException">One of the host's addresses is inside.</exception>
    public static async ValueTask<Stream> ConnectAsync(DnsEndPoint host, bool allowInside, CancellationToken cancellationToken)
    {
        var addresses = await ResolveAsync(host.Host, allowInside, cancellationToken);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, host.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The addresses of a host, none of which is inside unless that is allowed.</summary>
    /// <exception cref="AddressInsideException">One of them is.</exception>
    public static async Task<IPAddress[]> ResolveAsync(string host, bool allowInside, CancellationToken cancellationToken)
    {
        var addresses = IPAddress.TryParse(host.Trim('[', ']'), out var literal)
            ? [literal]
            : await Dns.GetHostAddressesAsync(host, cancellationToken);
        return allowInside || addresses.All(IsOutside) ? addresses : throw new AddressInsideException();
    }

    public static bool IsOutside(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return !Inside.Any(network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain))
            && (Embedded(plain) is not { } embedded || IsOutside(embedded));
    }

    /// <summary>The IPv4 address that an IPv6 one leads to.</summary>
    private static IPAddress? Embedded(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return null;
        }
        var bytes = address.GetAddressBytes();
        // The last 32 bits, where the first 96 are zero: the old form of a mapped address.
        var isCompatible = bytes.AsSpan(0, 12).IndexOfAnyExcept((byte)0) < 0;
        return Nat64.Contains(address) || isCompatible ? new IPAddress(bytes.AsSpan(12))
            : SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4))
            : null;
    }
}

/// <summary>Somebody wanted this server to call an address that is inside.</summary>
public sealed class AddressInsideException() : Exception("The address is inside: loopback, link-local or a private network.");
