namespace Orchestrator.Credentials.Aws;

/// <summary>A shared configuration file for each configuration, and the terraform variable that tells the providers which is whose.</summary>
internal static class AwsConfigFiles
{
    /// <param name="profile">The lines of a lease's only profile.</param>
    /// <returns>What goes into the environment: the default configuration's file for whoever names none, and the variable.</returns>
    public static async Task<Dictionary<string, string>> WriteAsync(
        CloudPhase phase, IReadOnlyList<AwsLease> leases, Func<AwsLease, IEnumerable<string>> profile, CancellationToken cancellationToken)
    {
        var files = new Dictionary<CloudConfiguration, string>();
        foreach (var lease in leases)
        {
            files[lease.Configuration] = await phase.WriteFileAsync(
                $"aws/{lease.Configuration.Label}.config", string.Join('\n', ["[default]", .. profile(lease), ""]), cancellationToken);
        }
        var variable = CredentialsVariable.Of(
            AwsCloud.Name, [.. files.Keys], configuration => new Dictionary<string, string> { ["shared_config_file"] = files[configuration] });
        var environment = new Dictionary<string, string> { [variable.Name] = variable.Value };
        if (files.Keys.FirstOrDefault(configuration => configuration.Tag is null) is { } byDefault)
        {
            environment["AWS_CONFIG_FILE"] = files[byDefault];
        }
        return environment;
    }
}
