using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;

namespace Orchestrator.Configurations;

public enum UploadOutcome
{
    /// <summary>Checked and stored.</summary>
    Uploaded,

    /// <summary>The archive is no good; the configuration version is now errored and says why.</summary>
    Refused,

    /// <summary>There is no such configuration version, or it has had its upload.</summary>
    NotPending,
}

/// <param name="Reason">For <see cref="UploadOutcome.Refused"/>: what is wrong, for the archive's author.</param>
public sealed record UploadResult(UploadOutcome Outcome, string? Reason = null);

/// <summary>Takes uploads in, once each, and hands them out to runs.</summary>
public sealed class ConfigurationStore(
    IDbContextFactory<OrchestratorDbContext> databases, IBlobStore blobs, IOptions<ConfigurationOptions> options, TimeProvider clock)
{
    public async Task<UploadResult> UploadAsync(ConfigurationVersionId id, byte[] archive, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var pending = await db.ConfigurationVersions.AnyAsync(
            version => version.Id == id && version.Status == ConfigurationVersionStatus.Pending, cancellationToken);
        if (!pending)
        {
            return new UploadResult(UploadOutcome.NotPending);
        }
        try
        {
            await new ConfigurationArchive(options.Value).InspectAsync(new MemoryStream(archive), cancellationToken);
        }
        catch (ConfigurationRefusedException refused)
        {
            await MoveAsync(db, id, ConfigurationVersionStatus.Errored, archive.Length, refused.Message, cancellationToken);
            return new UploadResult(UploadOutcome.Refused, refused.Message);
        }
        await blobs.WriteAsync(BlobKey.Configuration(id), archive, cancellationToken);
        var stored = await MoveAsync(db, id, ConfigurationVersionStatus.Uploaded, archive.Length, null, cancellationToken);
        return new UploadResult(stored ? UploadOutcome.Uploaded : UploadOutcome.NotPending);
    }

    /// <returns>The archive as it was uploaded; null when there is none, or not any more.</returns>
    public Task<byte[]?> ReadAsync(ConfigurationVersionId id, CancellationToken cancellationToken) =>
        blobs.ReadAsync(BlobKey.Configuration(id), cancellationToken);

    /// <exception cref="ConfigurationRefusedException">The archive is gone or no good.</exception>
    public async Task UnpackAsync(ConfigurationVersionId id, string directory, CancellationToken cancellationToken)
    {
        var archive = await ReadAsync(id, cancellationToken)
            ?? throw new ConfigurationRefusedException($"The archive of configuration version {id} is gone. Upload the configuration again.");
        await new ConfigurationArchive(options.Value).UnpackAsync(new MemoryStream(archive), directory, cancellationToken);
    }

    private async Task<bool> MoveAsync(
        OrchestratorDbContext db, ConfigurationVersionId id, ConfigurationVersionStatus status, long size, string? error,
        CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await db.ConfigurationVersions
            .Where(version => version.Id == id && version.Status == ConfigurationVersionStatus.Pending)
            .ExecuteUpdateAsync(set => set
                .SetProperty(version => version.Status, status)
                .SetProperty(version => version.ErrorMessage, error)
                .SetProperty(version => version.Size, size)
                .SetProperty(version => version.UploadedAt, now), cancellationToken) == 1;
    }
}
