namespace Orchestrator.Data.Blobs;

/// <summary>One encrypted file (mode 0600) a blob, under <c>blobs/</c> in the data directory.</summary>
internal sealed class FileBlobStore(DataDirectory directory, SecretBox secrets) : IBlobStore
{
    public async Task WriteAsync(BlobKey key, byte[] content, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        DataDirectory.Create(Path.GetDirectoryName(path)!);
        await WholeFile.WriteAsync(path, secrets.Protect(SecretKind.Blob, key.Value, content), cancellationToken);
    }

    public async Task<byte[]?> ReadAsync(BlobKey key, CancellationToken cancellationToken)
    {
        var path = PathOf(key);
        return File.Exists(path)
            ? secrets.Unprotect(SecretKind.Blob, key.Value, await File.ReadAllBytesAsync(path, cancellationToken))
            : null;
    }

    public Task<long> SizeAsync(BlobKey key, CancellationToken cancellationToken) =>
        Task.FromResult(new FileInfo(PathOf(key)) is { Exists: true } file ? file.Length : 0);

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
