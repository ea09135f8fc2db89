using Microsoft.EntityFrameworkCore;

namespace Orchestrator.Data.Blobs;

/// <summary>Encrypted rows: what several machines share without a disk in common.</summary>
internal sealed class DatabaseBlobStore(IDbContextFactory<OrchestratorDbContext> databases, SecretBox secrets) : IBlobStore
{
    private static readonly CompiledQuery<string, byte[]> Contents = new((db, key) => db.Blobs.Where(blob => blob.Key == key).Select(blob => blob.Content));

    public async Task WriteAsync(BlobKey key, byte[] content, CancellationToken cancellationToken)
    {
        var sealedContent = secrets.Protect(SecretKind.Blob, key.Value, content);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        // One statement, which both databases understand: of two who write at once the later wins, and neither fails.
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO "Blobs" ("Key", "Content") VALUES ({key.Value}, {sealedContent})
            ON CONFLICT ("Key") DO UPDATE SET "Content" = excluded."Content"
            """, cancellationToken);
    }

    public async Task<byte[]?> ReadAsync(BlobKey key, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var stored = await Contents.FirstOrDefaultAsync(db, key.Value, cancellationToken);
        return stored is null ? null : secrets.Unprotect(SecretKind.Blob, key.Value, stored);
    }

    public async Task<long> SizeAsync(BlobKey key, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.Blobs.Where(blob => blob.Key == key.Value).Select(blob => (long)blob.Content.Length).FirstOrDefaultAsync(cancellationToken);
    }

    public async Task DeleteAsync(BlobKey key, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Blobs.Where(blob => blob.Key == key.Value).ExecuteDeleteAsync(cancellationToken);
    }
}
