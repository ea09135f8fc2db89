using Orchestrator.Data;

namespace Orchestrator.WorkloadIdentity;

/// <summary>Writes the issuer's documents as files for a static host that relying parties can reach when this server is not.</summary>
public static class IssuerExport
{
    private const UnixFileMode ForEverybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Writes <c>.well-known/jwks</c> and <c>.well-known/openid-configuration</c>, byte for byte what the server answers.</summary>
    /// <param name="directory">Stands for the issuer's address; made when it is not there.</param>
    /// <returns>The files.</returns>
    public static async Task<IReadOnlyList<string>> WriteAsync(PublishedDocuments documents, string directory, CancellationToken cancellationToken) =>
    [
        await WriteAsync(directory + IssuerDocuments.KeySetPath, documents.KeySetJson, cancellationToken),
        await WriteAsync(directory + IssuerDocuments.DiscoveryPath, documents.DiscoveryJson, cancellationToken),
    ];

    /// <summary>A reader sees the old file or the new one, never half of it.</summary>
    private static async Task<string> WriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await WholeFile.WriteAsync(path, content, cancellationToken, ForEverybody);
        return path;
    }
}
