using System.Diagnostics;
using System.Net;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

/// <summary>In a network of their own, which has a metadata service that answers: no machine's firewall changes, and nobody's service is asked.</summary>
public sealed class NetworkBlockTests
{
    private const int First = 58_900;
    private static readonly RunUsers Users = new(First, 10, "setpriv");

    [Theory]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.170.2")]
    [InlineData("fd00:ec2::254")]
    public async Task The_metadata_service_answers_the_server_and_not_its_runs(string address)
    {
        var table = NetworkBlock.Table(new NetworkOptions(), Users, []);

        Assert.Equal("refused", await AskAsync(table, First, address));
        Assert.Equal("refused", await AskAsync(table, First + 9, address));
        Assert.Equal("answered", await AskAsync(table, First + 10, address));
        Assert.Equal("answered", await AskAsync(table, 0, address));
        Assert.Equal("answered", await AskAsync("", First, address));
        Assert.Equal("answered", await AskAsync(table, First, "127.0.0.1"));
    }

    [Theory]
    [InlineData("10.9.9.9", "refused")]
    [InlineData("192.168.7.7", "refused")]
    [InlineData("172.16.5.4", "lost")]
    [InlineData("203.0.113.7", "lost")]
    [InlineData("127.0.0.1", "answered")]
    public async Task Private_addresses_are_closed_on_request_but_for_those_that_are_allowed(string address, string expected)
    {
        var options = new NetworkOptions { PrivateAddresses = BlockMode.Auto };

        var table = NetworkBlock.Table(options, Users, [IPNetwork.Parse("172.16.5.0/24")]);

        Assert.Equal(expected, await AskAsync(table, First, address));
        // Without being asked, nothing but the metadata service.
        Assert.Equal(expected == "refused" ? "lost" : expected, await AskAsync(NetworkBlock.Table(new NetworkOptions(), Users, []), First, address));
    }

    [Fact]
    public async Task Names_and_networks_that_stay_open_are_looked_up()
    {
        var allowed = await new NetworkOptions { PrivateAddresses = BlockMode.Auto, Allowed = { "10.1.0.0/16", "10.2.3.4", "localhost" } }
            .AllowedAsync(CancellationToken.None);

        Assert.Superset(new HashSet<string> { "10.1.0.0/16", "10.2.3.4/32", "127.0.0.1/32" }, allowed.Select(network => network.ToString()).ToHashSet());
    }

    [Fact]
    public async Task What_cannot_be_closed_is_said_and_stops_the_start_when_it_must_be()
    {
        var open = await NetworkBlock.FindAsync(new NetworkOptions(), users: null, CancellationToken.None);
        Assert.False(open.Metadata);
        Assert.Contains("only a server that runs as root", open.Problem, StringComparison.Ordinal);

        var missing = await Assert.ThrowsAsync<NetworkBlockMissingException>(() =>
            NetworkBlock.FindAsync(new NetworkOptions { Metadata = BlockMode.Required }, users: null, CancellationToken.None));
        Assert.Contains("Orchestrator__Network__Metadata is 'required'", missing.Message, StringComparison.Ordinal);

        Assert.Equal(NetworkBlock.None, await NetworkBlock.FindAsync(new NetworkOptions { Metadata = BlockMode.Off }, users: null, CancellationToken.None));
    }

    /// <summary>What a user gets from port 80 of an address: <c>answered</c>, <c>refused</c>, or <c>lost</c> when nothing comes back.</summary>
    private static async Task<string> AskAsync(string table, int user, string address)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can make a network.");
        var start = new ProcessStartInfo("unshare", ["--net", "/bin/bash", "-c", """
            ip link set lo up
            for own in 169.254.169.254/32 169.254.170.2/32; do ip addr add $own dev lo; done
            ip -6 addr add fd00:ec2::254/128 dev lo nodad
            ip route add default dev lo
            nft -f - || exit 9
            perl -e 'use Socket; use Socket qw(IPPROTO_IPV6 IPV6_V6ONLY); socket(my $s, AF_INET6, SOCK_STREAM, 0) or die; setsockopt($s, IPPROTO_IPV6, IPV6_V6ONLY, pack("i", 0));
              setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1); bind($s, pack_sockaddr_in6(80, Socket::IN6ADDR_ANY)) or die; listen($s, 5); print "up\n"; close STDOUT;
              while (accept(my $c, $s)) { close $c }' >"$1/up" &
            server=$!
            until [ -s "$1/up" ]; do :; done
            timeout 3 setpriv --reuid "$2" --regid "$2" --clear-groups /bin/bash -c 'exec 3<>"/dev/tcp/$1/80"' ask "$3" 2>/dev/null
            case $? in 0) echo answered;; 124) echo lost;; *) echo refused;; esac
            kill $server
            """, "network", "", user.ToString(System.Globalization.CultureInfo.InvariantCulture), address])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var directory = new TemporaryDirectory();
        start.ArgumentList[5] = directory.Path;
        using var network = Process.Start(start)!;
        await network.StandardInput.WriteAsync(table);
        network.StandardInput.Close();
        var said = (await network.StandardOutput.ReadToEndAsync()).Trim();
        await network.WaitForExitAsync();
        Assert.SkipWhen(said.Length == 0 && network.ExitCode == 1, "Not even root can make a network here.");
        return said;
    }
}
