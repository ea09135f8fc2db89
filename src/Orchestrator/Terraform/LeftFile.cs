namespace Orchestrator.Terraform;

/// <summary>Reads what somebody else's code has left in a run's directory. It may have put links where there were files or directories,
/// and this process would follow them to where that code itself cannot look.</summary>
internal static class LeftFile
{
    /// <param name="root">The run's directory: its own path is nothing that the run's code can change.</param>
    /// <param name="path">Of the file, below <paramref name="root"/>.</param>
    /// <returns>Null for what is no file there: a link, or a file behind one that leads out; something else than a file, or one that is
    /// empty, too large, or closed to us.</returns>
    public static async Task<byte[]?> ReadAsync(string root, string path)
    {
        try
        {
            // Opening a pipe would wait for whoever writes to it.
            if (new FileInfo(path) is not { Exists: true, LinkTarget: null, Length: > 0 and < int.MaxValue })
            {
                return null;
            }
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            // The kernel says what was really opened, so nobody can replace a directory between a look and a step.
            var opened = new FileInfo($"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}").LinkTarget;
            if (opened?.StartsWith(WithoutLinks(root) + Path.DirectorySeparatorChar, StringComparison.Ordinal) != true)
            {
                return null;
            }
            using var content = new MemoryStream();
            await file.CopyToAsync(content);
            return content.ToArray();
        }
        catch (Exception closed) when (closed is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string WithoutLinks(string path) => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries)
        .Aggregate("/", (parent, name) =>
        {
            var next = Path.Combine(parent, name);
            return Directory.ResolveLinkTarget(next, returnFinalTarget: true) is { } target ? WithoutLinks(target.FullName) : next;
        });
}
