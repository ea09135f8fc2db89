namespace Orchestrator.Data;

/// <summary>Writes files that stand under their name whole or not at all, whoever reads them meanwhile, and whether the process or the disk
/// comes to an end: beside, and then over.</summary>
public static class WholeFile
{
    /// <summary>How the names of those end that are being written, or that a crash has left.</summary>
    public const string Unfinished = ".tmp";

    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <param name="mode">Whatever the process's mask is. Default: only this user reads it.</param>
    /// <param name="toDisk">Whether it is to outlive the machine's fall: what is gone with its directory anyway need not wait for the disk.</param>
    /// <param name="isStillWanted">Asked when all is written, in the last moment before it takes the place of what was there.</param>
    /// <returns>False when it was not wanted any more: then everything is as it was.</returns>
    public static async Task<bool> WriteAsync(
        string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken, UnixFileMode mode = Own, bool toDisk = true,
        Func<Task<bool>>? isStillWanted = null)
    {
        // A name that nobody can have put a link under.
        var temporary = $"{path}.{Guid.NewGuid():N}{Unfinished}";
        try
        {
            await using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.Asynchronous,
                UnixCreateMode = Own,
            }))
            {
                await file.WriteAsync(content, cancellationToken);
                if (mode != Own)
                {
                    File.SetUnixFileMode(file.SafeFileHandle, mode);
                }
                if (toDisk)
                {
                    file.Flush(flushToDisk: true);
                }
            }
            if (isStillWanted is not null && !await isStillWanted())
            {
                return false;
            }
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
