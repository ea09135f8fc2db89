using Orchestrator.AwsSimulator.Configuration;

namespace Orchestrator.AwsSimulator.Tests.Drivers;

/// <summary>The repository's samples, found from wherever the tests were built to.</summary>
internal static class Samples
{
    public static string Accounts => Path.Combine(Directory, "accounts.json");

    public static string RemoteState => Path.Combine(Directory, "aws-remote-state");

    public static string MultiAccount => Path.Combine(Directory, "multi-account");

    /// <summary>Starts a simulator with the samples' accounts, for a terraform that has a copy of one of them.</summary>
    public static async Task<Simulation> StartAsync(TerraformProcess terraform, string sample)
    {
        var simulation = await Simulation.StartAsync(new Setup(), issuer => SimulatorConfiguration.Load(Accounts, issuer.Url));
        terraform.CopyFrom(sample);
        terraform.Environment["AWS_ENDPOINT_URL_STS"] = simulation.Address.GetLeftPart(UriPartial.Authority);
        terraform.Environment["AWS_ENDPOINT_URL_S3"] = simulation.Address.GetLeftPart(UriPartial.Authority);
        return simulation;
    }

    public static string Directory
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "samples", "accounts.json")))
            {
                directory = directory.Parent;
            }

            return directory is null
                ? throw new DirectoryNotFoundException($"No samples/accounts.json above {AppContext.BaseDirectory}")
                : Path.Combine(directory.FullName, "samples");
        }
    }
}
