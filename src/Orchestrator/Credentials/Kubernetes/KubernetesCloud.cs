namespace Orchestrator.Credentials.Kubernetes;

/// <summary>Kubernetes: the token itself is what a cluster accepts.</summary>
public sealed class KubernetesCloud : ICloud
{
    public const string Name = "kubernetes";

    public CloudVocabulary Vocabulary => KubernetesVocabulary.Instance;

    public async Task<CloudDelivery> DeliverAsync(
        CloudPhase phase, IReadOnlyList<CloudConfiguration> configurations, CancellationToken cancellationToken)
    {
        phase.CheckReadOnly(identity: null);
        var environment = new Dictionary<string, string>();
        var files = new Dictionary<CloudConfiguration, string>();
        foreach (var configuration in configurations)
        {
            var file = new TokenFile(phase, $"kubernetes/{configuration.Label}.token", (lifetime, minting) => phase.MintAsync(
                Name, configuration, configuration.Need(KubernetesVocabulary.Audience), identity: null, lifetime, minting));
            // A provider is given it once, by file() or from the environment, and shows it with every request until it has done.
            var token = await file.WriteAsync(phase.TimeLimit, cancellationToken);
            files[configuration] = file.Path;
            if (configurations is [{ Tag: null }])
            {
                environment["KUBE_TOKEN"] = token.Compact;
            }
        }
        var variable = CredentialsVariable.Of(
            Name, configurations, configuration => new Dictionary<string, string> { ["token_path"] = files[configuration] });
        environment[variable.Name] = variable.Value;
        return new CloudDelivery { Environment = environment };
    }
}
