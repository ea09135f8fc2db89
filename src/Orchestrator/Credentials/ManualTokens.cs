namespace Orchestrator.Credentials;

/// <summary>Tokens for whoever asks for nothing but a token: <c>TFC_WORKLOAD_IDENTITY_AUDIENCE[_TAG]</c> makes
/// <c>TFC_WORKLOAD_IDENTITY_TOKEN[_TAG]</c>.</summary>
public static class ManualTokens
{
    private const string Audience = "TFC_WORKLOAD_IDENTITY_AUDIENCE";
    private const string Token = "TFC_WORKLOAD_IDENTITY_TOKEN";

    /// <returns>The audiences by tag; an empty tag is the one without.</returns>
    public static IReadOnlyDictionary<string, string> Wanted(IReadOnlyDictionary<string, string> environment) =>
        environment
            .Where(variable => (variable.Key == Audience || variable.Key.StartsWith(Audience + "_", StringComparison.Ordinal))
                && !string.IsNullOrWhiteSpace(variable.Value))
            .OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .ToDictionary(variable => variable.Key[Audience.Length..].TrimStart('_'), variable => variable.Value.Trim());

    /// <summary>They cannot be renewed in a child's environment, so they live as long as the phase may take.</summary>
    public static async Task<CloudDelivery> DeliverAsync(
        CloudPhase phase, IReadOnlyDictionary<string, string> audiences, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>();
        foreach (var (tag, audience) in audiences)
        {
            var (token, entry) = await phase.MintAsync("token", tag is "" ? null : tag, audience, cancellationToken, phase.TimeLimit);
            await phase.RecordAsync(entry, cancellationToken);
            environment[tag is "" ? Token : $"{Token}_{tag}"] = token.Compact;
        }
        return new CloudDelivery { Environment = environment };
    }
}
