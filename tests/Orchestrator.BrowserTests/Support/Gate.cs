namespace Orchestrator.BrowserTests.Support;

/// <summary>A file that a configuration waits for, so that a test decides when terraform goes on.</summary>
internal sealed class Gate : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("orchestrator-gate-");

    public string File => Path.Combine(_directory.FullName, "open");

    public void Open() => System.IO.File.WriteAllText(File, "");

    public void Dispose()
    {
        Open();
        _directory.Delete(recursive: true);
    }
}
