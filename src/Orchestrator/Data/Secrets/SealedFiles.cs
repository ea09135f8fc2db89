namespace Orchestrator.Data.Secrets;

/// <summary>The encrypted files of a data directory: blobs, where no database holds them, and the local authority's keys.</summary>
internal static class SealedFiles
{
    public static IEnumerable<(string Path, SecretKind Kind, string Place)> All(DataDirectory directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory.Blobs, "*", SearchOption.AllDirectories).Where(path => !path.EndsWith(WholeFile.Unfinished, StringComparison.Ordinal)))
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
    public static Task<bool> ReplaceAsync(string path, byte[] before, byte[] now, CancellationToken cancellationToken) => WholeFile.WriteAsync(
        path, now, cancellationToken,
        isStillWanted: async () => await ReadAsync(path, cancellationToken) is { } still && still.AsSpan().SequenceEqual(before));
}
