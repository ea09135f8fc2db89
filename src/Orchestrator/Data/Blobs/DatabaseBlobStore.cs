using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Data.Blobs;

/// <summary>Encrypted rows: what several machines share without a disk in common.</summary>
internal sealed class DatabaseBlobStore(IDbContextFactory<OrchestratorDbContext> databases, SecretBox secrets) : IBlobStore
{
    public async Task WriteAsync(BlobKey key, byte[] content, CancellationToken cancellationToken)
    {
        var sealedContent = secrets.Protect(SecretKind.Blob, content);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Blobs.Where(blob => blob.Key == key.Value).ExecuteDeleteAsync(cancellationToken);
        db.Blobs.Add(new Blob { Key = key.Value, Content = sealedContent });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public async Task<byte[]?> ReadAsync(BlobKey key, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var stored = await db.Blobs.AsNoTracking()
            .Where(blob => blob.Key == key.Value)
            .Select(blob => blob.Content)
            .FirstOrDefaultAsync(cancellationToken);
        return stored is null ? null : secrets.Unprotect(SecretKind.Blob, stored);
    }

    public async Task DeleteAsync(BlobKey key, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Blobs.Where(blob => blob.Key == key.Value).ExecuteDeleteAsync(cancellationToken);
    }
}
