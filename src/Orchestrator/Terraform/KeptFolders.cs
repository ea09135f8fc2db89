using System.Security.Cryptography;
using Orchestrator.Data;

namespace Orchestrator.Terraform;

/// <summary>Folders that are kept for later runs, each under what is in it: they come whole by one rename, and go when no run has used them for
/// long.</summary>
internal static class KeptFolders
{
    /// <summary>What every run may read and start, and none may change.</summary>
    public const UnixFileMode ForAll = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>A place beside the others, to be filled first.</summary>
    public static string NewIn(string root) => Path.Combine(root, $".{Guid.NewGuid():N}{WholeFile.Unfinished}");

    /// <returns>False when it is there already: another process was faster, with the same.</returns>
    public static bool MoveUnlessThere(string filled, string home)
    {
        try
        {
            Directory.Move(filled, home);
            return true;
        }
        catch (IOException) when (Directory.Exists(home))
        {
            return false;
        }
    }

    /// <summary>A run uses it now.</summary>
    public static void Use(string folder, TimeProvider clock) => Directory.SetLastWriteTimeUtc(folder, clock.GetUtcNow().UtcDateTime);

    public static IEnumerable<DirectoryInfo> Unused(string root, int days, TimeProvider clock)
    {
        var before = clock.GetUtcNow().UtcDateTime - TimeSpan.FromDays(days);
        return new DirectoryInfo(root).EnumerateDirectories().Where(folder => folder.LastWriteTimeUtc < before);
    }

    /// <returns>SHA-256 of a file's content, in lower-case hexadecimal.</returns>
    public static async Task<string> SumOfAsync(string file, CancellationToken cancellationToken = default)
    {
        await using var content = File.OpenRead(file);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, cancellationToken));
    }
}
