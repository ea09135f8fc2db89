using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;

namespace Orchestrator.Configurations;

/// <summary>What a configuration says about itself: its README, as it was uploaded. It is anybody's text.</summary>
public sealed class ConfigurationReadmes(IBlobStore blobs)
{
    private const int MaxLength = 200 * 1024;

    // The archive was checked when it came; whoever only reads a page must not wait for the end of a large one.
    private const int MaxEntries = 5000;

    /// <param name="directory">Where terraform runs in the configuration: the README there goes before the root's.</param>
    /// <returns>Null when it has none, or the archive is gone.</returns>
    public async Task<string?> ReadAsync(ConfigurationVersionId id, string? directory, CancellationToken cancellationToken)
    {
        if (await blobs.ReadAsync(BlobKey.Configuration(id), cancellationToken) is not { } archive)
        {
            return null;
        }
        var wanted = Clean(directory is { Length: > 0 } ? $"{directory}/README.md" : "README.md");
        string? ofRoot = null;
        try
        {
            await using var unzipped = new GZipStream(new MemoryStream(archive), CompressionMode.Decompress);
            await using var reader = new TarReader(unzipped);
            for (var at = 0; at < MaxEntries && await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry; at++)
            {
                if (entry is not { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile, DataStream: { } content })
                {
                    continue;
                }
                var name = Clean(entry.Name);
                if (string.Equals(name, wanted, StringComparison.OrdinalIgnoreCase))
                {
                    return await ReadAsync(content, cancellationToken);
                }
                if (string.Equals(name, "README.md", StringComparison.OrdinalIgnoreCase))
                {
                    ofRoot = await ReadAsync(content, cancellationToken);
                }
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException or IOException or ArgumentException or FormatException)
        {
            return null;
        }
        return ofRoot;
    }

    private static async Task<string> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        var buffer = new byte[MaxLength];
        var length = await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static string Clean(string path) => string.Join('/', path.Split(['/', '\\'], StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."));
}
