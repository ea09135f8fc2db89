namespace Orchestrator.AwsSimulator;

/// <summary>The arguments of the program.</summary>
/// <param name="IssuerAuthority">A PEM file with the authorities behind the issuer's certificate; null for the system's.</param>
internal sealed record CommandLine(string Config, IReadOnlyList<string> Urls, string? Issuer, string? IssuerAuthority)
{
    public const string Usage = """
        Usage: Orchestrator.AwsSimulator --config FILE [--urls URL[;URL]] [--issuer URL] [--issuer-ca FILE]

          --config FILE     accounts, providers, roles and buckets (see samples/accounts.json)
          --urls URL        where to listen; default http://127.0.0.1:8090
          --issuer URL      replaces ${issuer} and ${issuer_host} in the configuration
          --issuer-ca FILE  PEM file with the authorities that issuers' certificates have to come from
        """;

    private static readonly string[] Known = ["--config", "--urls", "--issuer", "--issuer-ca"];

    /// <returns>The arguments, or what is wrong with them.</returns>
    public static (CommandLine? Arguments, string? Problem) Parse(IReadOnlyList<string> arguments)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var index = 0; index < arguments.Count; index++)
        {
            var (name, value) = arguments[index].Split('=', 2) switch
            {
                [var key, var inline] => (key, inline),
                [var key] => (key, index + 1 < arguments.Count ? arguments[++index] : null),
                _ => ("", null),
            };
            if (!Known.Contains(name))
            {
                return (null, $"Unknown argument {name}.");
            }

            if (string.IsNullOrEmpty(value) || !values.TryAdd(name, value))
            {
                return (null, $"{name} needs one value.");
            }
        }

        if (!values.TryGetValue("--config", out var config))
        {
            return (null, "--config is missing.");
        }

        var urls = values.GetValueOrDefault("--urls", "http://127.0.0.1:8090").Split(';', StringSplitOptions.RemoveEmptyEntries);
        return Array.Find(urls, url => !IsHttpAddress(url)) is { } wrong
            ? (null, $"--urls: '{wrong}' is not an http address such as http://127.0.0.1:8090.")
            : (new CommandLine(config, urls, values.GetValueOrDefault("--issuer"), values.GetValueOrDefault("--issuer-ca")), null);
    }

    private static bool IsHttpAddress(string url)
    {
        try
        {
            // The server's own parser also knows http://*:8090, which is no URL.
            return BindingAddress.Parse(url).Scheme == "http";
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
