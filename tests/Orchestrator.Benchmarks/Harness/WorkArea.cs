using Orchestrator.Terraform;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>A directory for everything a suite writes; gone afterwards.</summary>
internal sealed class WorkArea : IDisposable
{
    private int _count;

    public WorkArea(BenchmarkOptions options)
    {
        Root = Path.Combine(options.Directory, $"orchestrator-benchmark-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Root);
    }

    public string Root { get; }

    public string Fresh(string purpose)
    {
        var path = Path.Combine(Root, $"{purpose}-{Interlocked.Increment(ref _count)}");
        Directory.CreateDirectory(path);
        return path;
    }

    /// <summary>A fresh directory with a copy of a sample that lies beside the program.</summary>
    public string FreshCopyOf(string configuration)
    {
        var target = Fresh("configuration");
        foreach (var file in Directory.EnumerateFiles(configuration, "*.tf"))
        {
            File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
        }
        return target;
    }

    public static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, "samples", name);

    public void Dispose() => DirectoryRemoval.Remove(Root);
}
