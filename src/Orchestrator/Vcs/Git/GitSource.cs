using System.Text.RegularExpressions;

namespace Orchestrator.Vcs.Git;

/// <summary>From where git fetches, and by what it is let in. Secrets stand beside the address and never in it.</summary>
public sealed partial record GitSource
{
    private GitSource(string address) => Address = address;

    public string Address { get; }

    public string? Username { get; private init; }

    public string? Password { get; private init; }

    public string? SshKey { get; private init; }

    public string? KnownHosts { get; private init; }

    public bool IsSsh => Address.StartsWith("ssh://", StringComparison.Ordinal);

    public static GitSource Http(string address, string? username, string? password) => new(address) { Username = username, Password = password };

    public static GitSource Ssh(string address, string? key, string? knownHosts) => new(address) { SshKey = key, KnownHosts = knownHosts };

    /// <summary>The same server's other repository, by the same means; another server's, by none.</summary>
    public GitSource For(string address) => AuthorityOf(Address) == AuthorityOf(address)
        ? new GitSource(address) { Username = Username, Password = Password, SshKey = SshKey, KnownHosts = KnownHosts }
        : new GitSource(address) { KnownHosts = KnownHosts };

    /// <summary>Whether an address is one that git may be given: by a protocol that only carries data, to a plain host and path, with nothing
    /// that a program could take for an option, a command or a secret.</summary>
    public static string? Fault(string address, bool allowHttp)
    {
        if (!Shape().IsMatch(address) || address.Contains("/-", StringComparison.Ordinal) || address.Split('/').Contains(".."))
        {
            return "The address is one such as https://git.example.com/acme/network.git or ssh://git@git.example.com/acme/network.git, without a password in it.";
        }
        return address.StartsWith("http://", StringComparison.Ordinal) && !allowHttp
            ? "Repositories are fetched over https:// or ssh://. The operator may allow http:// with Orchestrator__Vcs__AllowHttp."
            : null;
    }

    public override string ToString() => Address;

    private static string AuthorityOf(string address) => Uri.TryCreate(address, UriKind.Absolute, out var parsed) ? $"{parsed.Scheme}://{parsed.UserInfo}@{parsed.Host}:{parsed.Port}" : address;

    [GeneratedRegex(@"\A(https?://|ssh://([A-Za-z0-9_][A-Za-z0-9_.-]*@)?)([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._~%@+ -]+)+/?\z")]
    private static partial Regex Shape();
}
