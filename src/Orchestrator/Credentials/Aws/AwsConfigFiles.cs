using System.Text.Json;

namespace Orchestrator.Credentials.Aws;

/// <summary>A shared configuration file for each configuration, and the terraform variable that tells the providers which is whose.</summary>
internal static class AwsConfigFiles
{
    private const string Variable = "TF_VAR_tfc_aws_dynamic_credentials";

    /// <param name="profile">The lines of a lease's only profile.</param>
    /// <returns>What goes into the environment: the default configuration's file for whoever names none, and the variable.</returns>
    public static async Task<Dictionary<string, string>> WriteAsync(
        CloudPhase phase, IReadOnlyList<AwsLease> leases, Func<AwsLease, IEnumerable<string>> profile, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, string>();
        foreach (var lease in leases)
        {
            files[lease.Configuration.Label] = await phase.WriteFileAsync(
                $"aws/{lease.Configuration.Label}.config", string.Join('\n', ["[default]", .. profile(lease), ""]), cancellationToken);
        }
        var byDefault = leases.FirstOrDefault(lease => lease.Configuration.Tag is null);
        var environment = new Dictionary<string, string>
        {
            // A variable that no configuration declares is passed over in silence when it comes by the environment.
            [Variable] = JsonSerializer.Serialize(new Dictionary<string, object?>
            {
                ["default"] = byDefault is null ? null : FileOf(byDefault),
                ["aliases"] = leases.Where(lease => lease.Configuration.Tag is not null)
                    .ToDictionary(lease => lease.Configuration.Tag!, FileOf),
            }),
        };
        if (byDefault is not null)
        {
            environment["AWS_CONFIG_FILE"] = files[byDefault.Configuration.Label];
        }
        return environment;

        Dictionary<string, string> FileOf(AwsLease lease) => new() { ["shared_config_file"] = files[lease.Configuration.Label] };
    }
}
