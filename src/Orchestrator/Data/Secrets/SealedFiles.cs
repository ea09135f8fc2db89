namespace Orchestrator.Data.Secrets;

/// <summary>The encrypted files of a data directory: blobs, where no database holds them, and the local authority's keys.</summary>
internal static class SealedFiles
{
    private const string Unfinished = ".tmp";

    public static IEnumerable<(string Path, SecretKind Kind, string Place)> All(DataDirectory directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory.Blobs, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(Unfinished, StringComparison.Ordinal)))
        {
            yield return (path, SecretKind.Blob, Path.GetRelativePath(directory.Blobs, path).Replace(Path.DirectorySeparatorChar, '/'));
        }
        foreach (var path in Directory.EnumerateFiles(directory.Tls, "*.sealed"))
        {
            yield return (path, SecretKind.TlsKey, Path.GetFileName(path));
        }
    }

    /// <summary>Null when it is gone.</summary>
    public static async Task<byte[]?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Puts a value in place of another, unless somebody else has done so meanwhile. Files are written once, under a name of their own,
    /// so there is hardly ever somebody.</summary>
    public static async Task<bool> ReplaceAsync(string path, byte[] before, byte[] now, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}{Unfinished}";
        try
        {
            await using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.Asynchronous,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                await file.WriteAsync(now, cancellationToken);
                file.Flush(flushToDisk: true);
            }
            if (await ReadAsync(path, cancellationToken) is not { } still || !still.AsSpan().SequenceEqual(before))
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
