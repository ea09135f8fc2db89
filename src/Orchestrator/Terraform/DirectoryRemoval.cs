using System.Diagnostics;

namespace Orchestrator.Terraform;

/// <summary>Removes a directory that somebody else's code has written to: closed and read-only parts, links, names that are no
/// text, and files that appear while it is being removed.</summary>
public static class DirectoryRemoval
{
    private const int Attempts = 5;

    /// <returns>True when nothing of it exists any more. A link is removed and never followed.</returns>
    public static bool Remove(string path)
    {
        var speakable = true;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            try
            {
                if (!Directory.Exists(path))
                {
                    return true;
                }
                Directory.Delete(path, recursive: true);
                return true;
            }
            catch (Exception stubborn) when (stubborn is IOException or UnauthorizedAccessException)
            {
                speakable = MakeWritable(new DirectoryInfo(path));
            }
        }
        return !Directory.Exists(path) || (!speakable && RemoveByBytes(path));
    }

    /// <summary>Also opens what is closed.</summary>
    /// <returns>False when there is a name that cannot be said here: it may be any bytes, and these are no UTF-8.</returns>
    private static bool MakeWritable(DirectoryInfo directory)
    {
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var speakable = true;
        try
        {
            directory.UnixFileMode |= mine;
            foreach (var child in directory.EnumerateFileSystemInfos())
            {
                speakable &= !child.Name.Contains('\ufffd', StringComparison.Ordinal);
                if (child is DirectoryInfo inner && child.LinkTarget is null)
                {
                    speakable &= MakeWritable(inner);
                }
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Removed meanwhile (then it has a mode that cannot be set), or not ours; the next attempt to delete tells.
        }
        return speakable;
    }

    /// <summary>By programs that take names as they are.</summary>
    private static bool RemoveByBytes(string path)
    {
        using var shell = Process.Start("/bin/sh", ["-c", """chmod -R u+rwx -- "$1"; rm -rf -- "$1" """, "remove", path]);
        shell.WaitForExit();
        return !Directory.Exists(path);
    }
}
