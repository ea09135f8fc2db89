using System.Text.RegularExpressions;

namespace Orchestrator.Terraform.Providers;

/// <summary>A provider that a configuration's lock file has chosen.</summary>
/// <param name="Address">Host, namespace and type: <c>registry.terraform.io/hashicorp/aws</c>.</param>
/// <param name="Hashes">Of its unpacked package, each <c>h1:</c> and Base64; those of archives are left out.</param>
internal sealed record LockedProvider(string Address, string Version, IReadOnlyList<string> Hashes);

/// <summary>Reads <c>.terraform.lock.hcl</c>, which terraform writes itself and in one form.</summary>
internal static partial class ProviderLock
{
    public static IReadOnlyList<LockedProvider> Read(string text) =>
    [
        .. Block().Matches(text).Select(block => new LockedProvider(
            block.Groups["address"].Value, Version().Match(block.Groups["body"].Value).Groups["version"].Value,
            [.. Hash().Matches(block.Groups["body"].Value).Select(hash => hash.Groups["hash"].Value)]))
            .Where(provider => provider.Version.Length > 0),
    ];

    // Their parts become names of directories.
    [GeneratedRegex(@"^provider ""(?<address>[a-z0-9][a-z0-9.:-]*(?:/[a-z0-9][a-z0-9_-]*){2})"" \{\n(?<body>.*?)^\}", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\s*version\s*=\s*""(?<version>[0-9A-Za-z][0-9A-Za-z.+-]*)""\s*$", RegexOptions.Multiline)]
    private static partial Regex Version();

    [GeneratedRegex(@"""(?<hash>h1:[A-Za-z0-9+/]{43}=)""")]
    private static partial Regex Hash();
}
