using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Orchestrator.Credentials.Gcp;

/// <summary>Google Cloud: its clients trade the token themselves, as a file of the type <c>external_account</c> tells them, and read the
/// token anew each time.</summary>
/// <remarks>AIP-4117.</remarks>
public sealed class GcpCloud(IOptions<GcpOptions> options, TimeProvider clock) : ICloud
{
    public const string Name = "gcp";

    public CloudVocabulary Vocabulary => GcpVocabulary.Instance;

    public async Task<CloudDelivery> DeliverAsync(
        CloudPhase phase, IReadOnlyList<CloudConfiguration> configurations, CancellationToken cancellationToken)
    {
        var tokens = new List<TokenFile>();
        var files = new Dictionary<CloudConfiguration, string>();
        foreach (var configuration in configurations)
        {
            var asServiceAccount = GcpVocabulary.IsServiceAccount(configuration);
            var identity = asServiceAccount ? configuration.Of(GcpVocabulary.ServiceAccount) : null;
            phase.CheckReadOnly(identity);
            var serviceAccount = asServiceAccount ? configuration.Need(GcpVocabulary.ServiceAccount) : null;
            var provider = GcpVocabulary.ProviderOf(configuration);
            var token = new TokenFile(phase, $"gcp/{configuration.Label}.token", (lifetime, minting) => phase.MintAsync(
                Name, configuration, configuration[GcpVocabulary.Audience] ?? provider, identity, lifetime, minting));
            await token.WriteAsync(TokenFile.Lifetime, cancellationToken);
            tokens.Add(token);
            files[configuration] = await phase.WriteFileAsync(
                $"gcp/{configuration.Label}.json", Credentials(provider, serviceAccount, token.Path), cancellationToken);
        }
        var variable = CredentialsVariable.Of(
            Name, configurations, configuration => new Dictionary<string, string> { ["credentials"] = files[configuration] });
        var environment = new Dictionary<string, string> { [variable.Name] = variable.Value };
        if (configurations is [{ Tag: null } only])
        {
            environment["GOOGLE_APPLICATION_CREDENTIALS"] = files[only];
        }
        return new CloudDelivery(upkeep: over => TokenFile.RenewAsync(tokens, clock, over)) { Environment = environment }.Begin();
    }

    private string Credentials(string provider, string? serviceAccount, string tokenPath)
    {
        var credentials = new Dictionary<string, object>
        {
            ["type"] = "external_account",
            ["audience"] = provider,
            ["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
            ["token_url"] = $"{options.Value.StsEndpoint}/v1/token",
            ["credential_source"] = new { file = tokenPath, format = new { type = "text" } },
        };
        if (serviceAccount is not null)
        {
            credentials["service_account_impersonation_url"] =
                $"{options.Value.IamCredentialsEndpoint}/v1/projects/-/serviceAccounts/{serviceAccount}:generateAccessToken";
        }
        return JsonSerializer.Serialize(credentials);
    }
}
