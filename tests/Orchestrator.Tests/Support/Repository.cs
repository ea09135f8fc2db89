namespace Orchestrator.Tests.Support;

/// <summary>The checkout these tests were built in, for tests that read what is written there.</summary>
internal static class Repository
{
    public static readonly string Root = Find();

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "global.json")))
        {
            directory = directory.Parent;
        }
        return directory?.FullName ?? throw new InvalidOperationException("These tests read the sources: run them inside the checkout.");
    }
}
