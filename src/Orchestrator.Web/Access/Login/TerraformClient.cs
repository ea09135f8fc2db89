using System.Globalization;

namespace Orchestrator.Web.Access.Login;

/// <summary>The only OAuth client there is: the terraform CLI on somebody's own machine. It cannot keep a secret, so it has none.</summary>
/// <remarks>It opens a web server of its own on loopback for a moment, to which the browser brings the code.</remarks>
internal static class TerraformClient
{
    public const string Id = "terraform-cli";

    public const string AuthorizePath = "/oauth/authorize";
    public const string TokenPath = "/oauth/token";

    public const int MinPort = 10000;

    /// <summary>The CLI takes lower ones only.</summary>
    public const int MaxPort = 10010;

    private const string CallbackPath = "/login";

    /// <summary>What <c>terraform login</c> reads in the discovery document.</summary>
    public static object Discovery => new
    {
        client = Id,
        authz = AuthorizePath,
        token = TokenPath,
        grant_types = new[] { "authz_code" },
        ports = new[] { MinPort, MaxPort },
    };

    /// <summary>Exactly as the CLI writes it, or with the address in place of the name.</summary>
    public static bool IsCallback(string? address) => PortOf(address) is not null;

    /// <returns>Null for an address that is no callback.</returns>
    public static int? PortOf(string? address)
    {
        foreach (var host in new[] { "http://localhost:", "http://127.0.0.1:" })
        {
            if (address is not null && address.StartsWith(host, StringComparison.Ordinal) && address.EndsWith(CallbackPath, StringComparison.Ordinal)
                && address.Length == host.Length + 5 + CallbackPath.Length
                && int.TryParse(address.AsSpan(host.Length, 5), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                && port is >= MinPort and <= MaxPort)
            {
                return port;
            }
        }
        return null;
    }
}
