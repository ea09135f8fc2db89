using System.Text.RegularExpressions;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>The name of an IAM OIDC provider: <c>arn:aws:iam::ACCOUNT:oidc-provider/HOST</c>.</summary>
/// <param name="Account">Twelve digits, or whatever stands in for them in a draft.</param>
/// <param name="Host">The issuer's URL without its scheme, with its path.</param>
internal sealed partial record OidcProviderArn(string Partition, string Account, string Host)
{
    public const string DefaultPartition = "aws";

    public bool HasAccount => Account.Length == 12 && Account.All(char.IsAsciiDigit);

    public static OidcProviderArn? Find(string text) => Shape().Match(text) is { Success: true } match
        ? new OidcProviderArn(match.Groups["partition"].Value, match.Groups["account"].Value, match.Groups["host"].Value)
        : null;

    /// <summary>A URL as it appears in ARNs and condition keys.</summary>
    public static string HostOf(string issuer)
    {
        var scheme = issuer.IndexOf("://", StringComparison.Ordinal);
        return scheme < 0 ? issuer : issuer[(scheme + 3)..];
    }

    public override string ToString() => $"arn:{Partition}:iam::{Account}:oidc-provider/{Host}";

    [GeneratedRegex(@"\Aarn:(?<partition>aws[a-z-]*):iam::(?<account>[^:]*):oidc-provider/(?<host>.+)\z")]
    private static partial Regex Shape();
}
