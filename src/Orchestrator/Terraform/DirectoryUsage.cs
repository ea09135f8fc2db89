namespace Orchestrator.Terraform;

/// <summary>What a run's directory takes of the disk.</summary>
public static class DirectoryUsage
{
    // Also an empty file takes room, in the file system's tables.
    private const int BytesOfAnEntry = 512;

    /// <param name="processes">The run's processes: a file that they have open takes its room also when it has no name any more.</param>
    public static long Of(string root, IEnumerable<int> processes) => OfDirectory(root) + processes.Sum(process => FileFacts.OfNameless(process, root));

    private static long OfDirectory(string path)
    {
        var sum = 0L;
        try
        {
            foreach (var entry in new DirectoryInfo(path).EnumerateFileSystemInfos())
            {
                sum += BytesOfAnEntry + (FileFacts.Of(entry.FullName)?.AllocatedBytes ?? 0);
                if (entry is DirectoryInfo && entry.LinkTarget is null)
                {
                    sum += OfDirectory(entry.FullName);
                }
            }
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            // Removed meanwhile, or closed to us; then it counts next time, or not.
        }
        return sum;
    }
}
