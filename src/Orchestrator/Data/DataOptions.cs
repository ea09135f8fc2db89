using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Data;

/// <summary>Where this installation keeps what it knows. Bound from the section <c>Orchestrator</c>.</summary>
public sealed class DataOptions
{
    /// <summary>Database file, blobs, keys, run directories. Relative paths start at the current directory.</summary>
    [Required]
    public string DataDirectory { get; set; } = "./data";

    /// <summary>Where running phases have their directories: another disk, or memory. Default: in <see cref="DataDirectory"/>.</summary>
    public string? RunsDirectory { get; set; }

    public DatabaseOptions Database { get; set; } = new();

    /// <summary><see cref="DataDirectory"/> as an absolute path.</summary>
    public string Root => Path.GetFullPath(DataDirectory);
}

public sealed class DatabaseOptions
{
    public DatabaseProvider Provider { get; set; } = DatabaseProvider.Sqlite;

    /// <summary>Required for PostgreSQL. For SQLite the default is <c>orchestrator.db</c> in the data directory.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>A server brings the database's tables to its own version when it starts. Otherwise <c>migrate</c> has to have done it: where the
    /// servers' database user may not change tables, or an upgrade is to be looked at first.</summary>
    public bool MigrateAtStart { get; set; } = true;
}

public enum DatabaseProvider
{
    /// <summary>One process, nothing to install.</summary>
    Sqlite,

    /// <summary>Any number of processes on one database.</summary>
    PostgreSql,
}
