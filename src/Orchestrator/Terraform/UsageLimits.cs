using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Orchestrator.Terraform;

/// <summary>How much of this machine one run may use. Section <c>Orchestrator:Limits</c>.</summary>
public sealed class UsageLimits
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>Processes and threads of one run at the same time. Enforced where the kernel counts a run's alone: with a user for each run,
    /// or in a sandbox on Linux 5.14 and later.</summary>
    [Range(64, 1_000_000)]
    public int MaxProcesses { get; set; } = 2048;

    /// <summary>Files that one process may have open.</summary>
    [Range(64, 1_000_000)]
    public int MaxOpenFiles { get; set; } = 8192;

    /// <summary>Bytes of one file. Default 4 GiB; the largest provider has less than one.</summary>
    [Range(Mebibyte, long.MaxValue)]
    public long MaxFileBytes { get; set; } = 4096 * Mebibyte;

    /// <summary>Bytes of memory. Default 8 GiB. No process gets more, and a run whose processes together have more is interrupted.</summary>
    /// <remarks>The kernel counts what a process may write to (<c>RLIMIT_DATA</c>), not the addresses that it has reserved: Go reserves many
    /// times what it uses.</remarks>
    [Range(256 * Mebibyte, long.MaxValue)]
    public long MaxMemoryBytes { get; set; } = 8192 * Mebibyte;

    /// <summary>Bytes that everything in the run's directory takes on the disk: configuration, providers, temporary files. Default 10 GiB.
    /// Looked at every other second; a run that has more is interrupted.</summary>
    [Range(Mebibyte, long.MaxValue)]
    public long MaxDirectoryBytes { get; set; } = 10_240 * Mebibyte;

    /// <summary>Bytes of one phase's log. Default 256 MiB; then the run is interrupted.</summary>
    [Range(64 * 1024, long.MaxValue)]
    public long MaxLogBytes { get; set; } = 256 * Mebibyte;

    /// <summary>What the kernel itself can bound, as a shell is told it.</summary>
    /// <param name="countsAlone">The kernel counts this run's processes and no others.</param>
    internal string ForShell(bool countsAlone) => string.Join(' ',
    [
        // What terraform has in memory when it crashes are its credentials.
        "c=0",
        Bound("n", MaxOpenFiles),
        Bound("f", MaxFileBytes / 512),
        Bound("d", MaxMemoryBytes / 1024),
        .. countsAlone ? [Bound("p", MaxProcesses)] : Array.Empty<string>(),
    ]);

    private static string Bound(string letter, long most) => string.Create(CultureInfo.InvariantCulture, $"{letter}={most}");
}
