namespace Orchestrator.Terraform;

/// <summary>Removes a directory that somebody else's code has written to: read-only parts, links, and files that appear while
/// it is being removed.</summary>
public static class DirectoryRemoval
{
    private const int Attempts = 5;

    /// <returns>True when nothing of it exists any more. A link is removed and never followed.</returns>
    public static bool Remove(string path)
    {
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
                MakeWritable(new DirectoryInfo(path));
            }
        }
        return !Directory.Exists(path);
    }

    private static void MakeWritable(DirectoryInfo directory)
    {
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        try
        {
            directory.UnixFileMode |= mine;
            foreach (var child in directory.EnumerateDirectories().Where(child => child.LinkTarget is null))
            {
                MakeWritable(child);
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // Removed meanwhile, or not ours; the next attempt to delete tells.
        }
    }
}
