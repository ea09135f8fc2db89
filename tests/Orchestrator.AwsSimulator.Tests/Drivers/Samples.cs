namespace Orchestrator.AwsSimulator.Tests.Drivers;

/// <summary>The repository's samples, found from wherever the tests were built to.</summary>
internal static class Samples
{
    public static string Accounts => Path.Combine(Directory, "accounts.json");

    public static string RemoteState => Path.Combine(Directory, "aws-remote-state");

    private static string Directory
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
