namespace Orchestrator.Data.Blobs;

/// <summary>One encrypted file (mode 0600) a blob, under <c>blobs/</c> in the data directory.</summary>
internal sealed class FileBlobStore(DataDirectory directory, SecretBox secrets) : IBlobStore
{
    public async Task WriteAsync(BlobKey key, byte[] content, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        DataDirectory.Create(Path.GetDirectoryName(path)!);
        // Written beside and moved over, so that a crash or a full disk never leaves half a state under its name.
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
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
                await file.WriteAsync(secrets.Protect(SecretKind.Blob, key.Value, content), cancellationToken);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public async Task<byte[]?> ReadAsync(BlobKey key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return File.Exists(path)
            ? secrets.Unprotect(SecretKind.Blob, key.Value, await File.ReadAllBytesAsync(path, cancellationToken))
            : null;
    }

    public Task DeleteAsync(BlobKey key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        if (File.Exists(path))
        {
            File.Delete(path);
        }
        return Task.CompletedTask;
    }

    private string PathOf(BlobKey key) => Path.Combine(directory.Blobs, key.Value);
}
