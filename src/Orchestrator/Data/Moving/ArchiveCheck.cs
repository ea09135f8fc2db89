namespace Orchestrator.Data.Moving;

/// <summary>Looks whether an archive is as it was written. Needs no database.</summary>
public static class ArchiveCheck
{
    /// <param name="passphrase">Null looks at everything but the keys that one encrypts.</param>
    /// <exception cref="ArchiveException">It is not, or cannot be opened.</exception>
    public static async Task<ArchiveManifest> RunAsync(string path, ArchivePassphrase? passphrase, CancellationToken cancellationToken)
    {
        var (manifest, keys) = await ArchiveReader.VerifyAsync(path, cancellationToken);
        if (keys is { } entry && (passphrase is not null || entry.Name == ArchivedKeys.WrappedEntry))
        {
            ArchivedKeys.Read(entry.Name, entry.Content, passphrase);
        }
        var digests = manifest.Tables.ToDictionary(table => table.Name, _ => new RowDigest());
        await foreach (var (table, row) in ReadRowsAsync(path, manifest, cancellationToken))
        {
            digests[table.Name].Add(new TableLayout(table.Name, table.Columns, [], null), row);
        }
        foreach (var table in manifest.Tables)
        {
            using var digest = digests[table.Name];
            if (digest.Rows != table.Rows || digest.Value != table.Digest)
            {
                throw new ArchiveException($"The archive does not hold the rows of {table.Name} that it says: {digest.Rows} of {table.Rows}.");
            }
        }
        return manifest;
    }

    /// <summary>All rows, in the archive's order.</summary>
    internal static async IAsyncEnumerable<(ArchivedTable Table, object?[] Row)> ReadRowsAsync(
        string path, ArchiveManifest manifest, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var file = ArchiveReader.Open(path);
        var reader = new ArchiveReader(file);
        foreach (var expected in manifest.Entries)
        {
            // It was compared before, and is compared again: this is another reading.
            if (await reader.NextAsync(cancellationToken) is not { } entry || entry.Name != expected.Name || ArchiveFile.SumOf(entry.Content) != expected.Sha256)
            {
                throw reader.Damaged(expected.Name);
            }
            if (entry.Name.Split('/') is ["tables", var name, _])
            {
                var table = manifest.Tables.FirstOrDefault(table => table.Name == name)
                    ?? throw new ArchiveException($"The archive has rows of {name}, which it does not tell of: this program has not written it.");
                foreach (var row in PartWriter.Read(entry.Name, entry.Content, table.Columns))
                {
                    yield return (table, row);
                }
            }
        }
    }
}
