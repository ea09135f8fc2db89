using Orchestrator.Data;

namespace Orchestrator.Benchmarks.Harness;

/// <param name="Quick">A smoke run: every measurement is taken, but so few times that the figures say little.</param>
/// <param name="Directory">Where servers and raw commands keep their files; both on the same disk.</param>
internal sealed record BenchmarkOptions(
    bool Quick, string? JsonFile, DatabaseProvider Database, string? ConnectionString, string Directory)
{
    /// <summary>Null when the arguments make no sense.</summary>
    public static BenchmarkOptions? Read(IReadOnlyList<string> args)
    {
        var options = new BenchmarkOptions(false, null, DatabaseProvider.Sqlite, null, Path.GetTempPath());
        for (var index = 0; index < args.Count; index++)
        {
            var value = index + 1 < args.Count ? args[index + 1] : null;
            BenchmarkOptions? next = (args[index], value) switch
            {
                ("--quick", _) => options with { Quick = true },
                ("--json", { } file) => options with { JsonFile = file },
                ("--directory", { } directory) => options with { Directory = Path.GetFullPath(directory) },
                ("--connection-string", { } text) => options with { ConnectionString = text },
                ("--database", "sqlite") => options with { Database = DatabaseProvider.Sqlite },
                ("--database", "postgres") => options with { Database = DatabaseProvider.PostgreSql },
                _ => null,
            };
            if (next is null)
            {
                return null;
            }
            options = next;
            index += args[index] == "--quick" ? 0 : 1;
        }
        return options.Database == DatabaseProvider.PostgreSql && options.ConnectionString is null ? null : options;
    }

    /// <summary>How often something is measured.</summary>
    public int Times(int usually, int quick) => Quick ? quick : usually;
}
