using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Configurations;

/// <summary>How large a configuration may be. Section <c>Orchestrator:Configurations</c>.</summary>
public sealed class ConfigurationOptions
{
    /// <summary>Bytes of the compressed archive. Default 100 MiB.</summary>
    [Range(1024, int.MaxValue)]
    public int MaxArchiveBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>Bytes of all files together. Default 512 MiB; it also bounds what a small archive can blow up to.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxUnpackedBytes { get; set; } = 512L * 1024 * 1024;

    /// <summary>Files, directories and links together.</summary>
    [Range(1, 1_000_000)]
    public int MaxEntries { get; set; } = 50_000;

    /// <summary>How many directories deep a file may lie.</summary>
    [Range(1, 500)]
    public int MaxDepth { get; set; } = 64;

    /// <summary>How many times larger the files may be than the archive. Holds only from 32 MiB on: honest configurations that compress well
    /// are small.</summary>
    [Range(1, 100_000)]
    public int MaxRatio { get; set; } = 200;
}
