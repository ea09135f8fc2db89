using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Credentials.Vault;

/// <summary>The variables <c>TFC_VAULT_*</c>.</summary>
public static partial class VaultVocabulary
{
    private const int LongestTimeout = 300;

    public static readonly CloudSetting Address = new("ADDR", "address of Vault")
    {
        Required = _ => true,
        Fault = value => Uri.TryCreate(value, UriKind.Absolute, out var address)
            && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            && address is { UserInfo: "", Query: "", Fragment: "" }
                ? null
                : "is not an address of Vault. It looks like 'https://vault.example.com:8200'.",
    };

    public static readonly CloudSetting Namespace = new("NAMESPACE", "namespace")
    {
        Fault = value => Path().IsMatch(value.Trim('/')) ? null : "is not a namespace. It looks like 'admin/team'.",
    };

    public static readonly CloudSetting Role = new("ROLE", "role")
    {
        PerPhase = true,
        Required = _ => true,
    };

    public static readonly CloudSetting AuthPath = new("AUTH_PATH", "path of the JWT auth method")
    {
        Default = "jwt",
        Fault = value => Path().IsMatch(value) ? null : "is not a path of an auth method. It looks like 'jwt', without 'auth/' before it.",
    };

    public static readonly CloudSetting EncodedAuthority = new("ENCODED_CACERT", "certificate authority")
    {
        Fault = value => AuthorityOf(value) is null ? "is not a certificate in PEM format that was encoded as base64." : null,
    };

    /// <summary>Of each request, in seconds.</summary>
    public static readonly CloudSetting ClientTimeout = new("CLIENT_TIMEOUT", "time limit")
    {
        Default = "60",
        Fault = value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= LongestTimeout
            ? null
            : $"is not a number of seconds from 1 to {LongestTimeout}.",
    };

    public static readonly CloudSetting Audience = CloudSetting.Audience("vault.workload.identity");

    public static CloudVocabulary Instance { get; } = new("VAULT")
    {
        Settings = [Address, Namespace, Role, AuthPath, EncodedAuthority, ClientTimeout, Audience],
        Rivals = ["VAULT_TOKEN"],
    };

    /// <summary>The certificates, and the text they come from; null when it is none.</summary>
    public static (X509Certificate2Collection Certificates, string Pem)? AuthorityOf(string encoded)
    {
        try
        {
            var pem = Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            return certificates.Count > 0 ? (certificates, pem) : null;
        }
        catch (Exception wrong) when (wrong is FormatException or CryptographicException)
        {
            return null;
        }
    }

    // Segments of a URL's path, none of which leads elsewhere.
    [GeneratedRegex(@"\A[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*\z")]
    private static partial Regex Path();
}
