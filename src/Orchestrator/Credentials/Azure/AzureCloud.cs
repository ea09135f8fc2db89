namespace Orchestrator.Credentials.Azure;

/// <summary>Azure: its providers trade the token at Entra ID themselves, so they get it in a file.</summary>
public sealed class AzureCloud : ICloud
{
    public const string Name = "azure";

    public CloudVocabulary Vocabulary => AzureVocabulary.Instance;

    public async Task<CloudDelivery> DeliverAsync(
        CloudPhase phase, IReadOnlyList<CloudConfiguration> configurations, CancellationToken cancellationToken)
    {
        var files = new Dictionary<CloudConfiguration, Dictionary<string, string>>();
        foreach (var configuration in configurations)
        {
            phase.CheckReadOnly(configuration.Of(AzureVocabulary.ClientId));
            var clientId = configuration.Need(AzureVocabulary.ClientId);
            var token = new TokenFile(phase, $"azure/{configuration.Label}.token", (lifetime, minting) => phase.MintAsync(
                Name, configuration, configuration.Need(AzureVocabulary.Audience), configuration.Of(AzureVocabulary.ClientId), lifetime, minting));
            // azurerm reads the file once, and shows what it has read each time that Entra's own token of about an hour has ended.
            await token.WriteAsync(phase.TimeLimit, cancellationToken);
            files[configuration] = new()
            {
                ["client_id_file_path"] = await phase.WriteFileAsync($"azure/{configuration.Label}.client-id", clientId, cancellationToken),
                ["oidc_token_file_path"] = token.Path,
            };
        }
        var variable = CredentialsVariable.Of(Name, configurations, configuration => files[configuration]);
        var environment = new Dictionary<string, string> { [variable.Name] = variable.Value };
        // A provider that is told by files must find no other client id in the environment: it would stop over the difference.
        if (configurations is [{ Tag: null } only])
        {
            environment["ARM_USE_OIDC"] = "true";
            environment["ARM_CLIENT_ID"] = only.Need(AzureVocabulary.ClientId);
            environment["ARM_OIDC_TOKEN_FILE_PATH"] = files[only]["oidc_token_file_path"];
        }
        return new CloudDelivery { Environment = environment };
    }
}
