using System.Diagnostics;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>The server as it is run in production, from the sources that the benchmarks were built from: <c>eng/publish.sh</c> puts it there.</summary>
internal static class PublishedServer
{
    private static readonly Lazy<string> Published = new(Publish);

    public static string Directory => Published.Value;

    private static string Publish()
    {
        var root = Root();
        var directory = Path.Combine(root, "artifacts", "server");
        using var publish = Process.Start("bash", [Path.Combine(root, "eng", "publish.sh"), directory]);
        publish.WaitForExit();
        return publish.ExitCode == 0
            ? directory
            : throw new InvalidOperationException($"The server could not be published; eng/publish.sh ended with {publish.ExitCode}.");
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Orchestrator.sln")))
        {
            directory = directory.Parent;
        }
        return directory?.FullName ?? throw new InvalidOperationException("The benchmarks are run from a checkout, whose server they measure.");
    }
}
