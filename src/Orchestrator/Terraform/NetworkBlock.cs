using System.Net;
using System.Net.Sockets;
using CliWrap;
using CliWrap.Buffered;

namespace Orchestrator.Terraform;

/// <summary>Keeps runs from addresses that are none of their business, by a table of <c>nftables</c> for the users that runs have.</summary>
/// <remarks>A run without a user of its own is, to the kernel, this server; and a variable that names a proxy stops nobody. So it works only
/// where runs have users (<see cref="RunUsers"/>) and this process may change the firewall (root, in a container with <c>NET_ADMIN</c>).</remarks>
/// <param name="Metadata">The clouds' metadata services, which hand this machine's own credentials to whoever asks.</param>
/// <param name="PrivateAddresses">Other machines of private networks.</param>
/// <param name="Problem">Why what is open could not be closed; null when nobody asked for it.</param>
public sealed record NetworkBlock(bool Metadata, bool PrivateAddresses, string? Problem)
{
    public static readonly NetworkBlock None = new(false, false, null);

    // Amazon's (also of containers), Google's and Azure's, Alibaba's, and Azure's host.
    private const string MetadataV4 = "169.254.169.254, 169.254.170.2, 169.254.170.23, 100.100.100.200, 168.63.129.16";
    private const string MetadataV6 = "fd00:ec2::254, fd00:ec2::23, fd20:ce::254";
    private const string PrivateV4 = "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 169.254.0.0/16";
    private const string PrivateV6 = "fc00::/7, fe80::/10";

    /// <summary>Closes what is to be closed and can be.</summary>
    /// <exception cref="NetworkBlockMissingException">It must be, and cannot.</exception>
    public static async Task<NetworkBlock> FindAsync(NetworkOptions options, RunUsers? users, CancellationToken cancellationToken)
    {
        if (options is { Metadata: BlockMode.Off, PrivateAddresses: BlockMode.Off })
        {
            return None;
        }
        var problem = await CloseAsync(options, users, cancellationToken);
        var required = new[] { (options.Metadata, "Metadata"), (options.PrivateAddresses, "PrivateAddresses") }
            .Where(option => option.Item1 == BlockMode.Required).Select(option => option.Item2).FirstOrDefault();
        return problem is not null && required is not null
            ? throw new NetworkBlockMissingException(required, problem)
            : new NetworkBlock(
                problem is null && options.Metadata != BlockMode.Off, problem is null && options.PrivateAddresses != BlockMode.Off, problem);
    }

    /// <summary>The table, replaced in one go.</summary>
    /// <param name="allowed">Addresses and networks that stay open although they are private.</param>
    internal static string Table(NetworkOptions options, RunUsers users, IReadOnlyCollection<IPNetwork> allowed)
    {
        // Of the first of the users: servers that share a machine and its users share the table, too.
        var name = $"inet orchestrator_{users.First}";
        var rules = new List<string>();
        if (options.Metadata != BlockMode.Off)
        {
            Reject(MetadataV4, MetadataV6);
        }
        if (options.PrivateAddresses != BlockMode.Off)
        {
            // This machine itself: the platform's own API is there.
            rules.Add("fib daddr type local accept");
            rules.AddRange(allowed.Select(network => $"{(network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? "ip" : "ip6")} daddr {network} accept"));
            Reject(PrivateV4, PrivateV6);
        }
        return $$"""
            table {{name}}
            delete table {{name}}
            table {{name}} {
              chain runs {
                type filter hook output priority 0; policy accept;
                meta skuid {{users.First}}-{{users.First + users.Count - 1}} jump closed
              }
              chain closed {
                {{string.Join("\n    ", rules)}}
              }
            }

            """;

        void Reject(string v4, string v6)
        {
            foreach (var addresses in new[] { $"ip daddr {{ {v4} }}", $"ip6 daddr {{ {v6} }}" })
            {
                // Any other refusal would only be believed after a second.
                rules.Add($"{addresses} meta l4proto tcp reject with tcp reset");
                rules.Add($"{addresses} reject");
            }
        }
    }

    private static async Task<string?> CloseAsync(NetworkOptions options, RunUsers? users, CancellationToken cancellationToken)
    {
        if (users is null)
        {
            return "runs have no users of their own, which only a server that runs as root can give them.";
        }
        if (SystemPrograms.Find("nft", besidesPath: true) is not { } nft)
        {
            return "nftables is not installed (apt-get install nftables).";
        }
        var answer = await Cli.Wrap(nft).WithArguments(["-f", "-"])
            .WithStandardInputPipe(PipeSource.FromString(Table(options, users, await options.AllowedAsync(cancellationToken))))
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(cancellationToken);
        return answer.ExitCode == 0 ? null : $"the firewall cannot be changed here ({answer.StandardError.Split('\n')[0].Trim()}).";
    }
}

/// <summary>What of the network is closed to runs. Section <c>Orchestrator:Network</c>.</summary>
public sealed class NetworkOptions
{
    /// <summary>The clouds' metadata services. Default: closed where this server can.</summary>
    public BlockMode Metadata { get; set; } = BlockMode.Auto;

    /// <summary>Private addresses of other machines. Default: open. Name servers, proxies and the platform's own API stay open.</summary>
    public BlockMode PrivateAddresses { get; set; } = BlockMode.Off;

    /// <summary>Private addresses, networks (<c>10.1.0.0/16</c>) and host names that stay open.</summary>
    public IList<string> Allowed { get; init; } = [];

    internal async Task<IReadOnlyCollection<IPNetwork>> AllowedAsync(CancellationToken cancellationToken)
    {
        if (PrivateAddresses == BlockMode.Off)
        {
            return [];
        }
        var proxies = new[] { "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy" }.Select(Environment.GetEnvironmentVariable)
            .Select(text => Uri.TryCreate(text, UriKind.Absolute, out var proxy) ? proxy.IdnHost : "");
        var networks = new HashSet<IPNetwork>();
        foreach (var entry in Allowed.Concat(proxies).Concat(await NameServersAsync(cancellationToken)).Where(entry => entry.Length > 0))
        {
            if (IPNetwork.TryParse(entry, out var network))
            {
                networks.Add(network);
                continue;
            }
            var addresses = IPAddress.TryParse(entry, out var address) ? [address] : await Dns.GetHostAddressesAsync(entry, cancellationToken);
            networks.UnionWith(addresses.Select(one => new IPNetwork(one, one.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)));
        }
        return networks;
    }

    private static async Task<IEnumerable<string>> NameServersAsync(CancellationToken cancellationToken)
    {
        const string file = "/etc/resolv.conf";
        return File.Exists(file)
            ? (await File.ReadAllLinesAsync(file, cancellationToken))
                .Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words is ["nameserver", _, ..])
                .Select(words => words[1].Split('%')[0])
            : [];
    }
}

public enum BlockMode
{
    Off,

    /// <summary>Close it where that is possible, and say so where it is not.</summary>
    Auto,

    /// <summary>Do not start where it is not.</summary>
    Required,
}

public sealed class NetworkBlockMissingException(string option, string problem) : Exception(
    $"Orchestrator__Network__{option} is 'required', but {problem} Mend that, or set Orchestrator__Network__{option} to 'auto' or 'off'.");
