using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;

namespace Orchestrator.Runs;

public enum ArchivalOutcome
{
    Archived,

    /// <summary>There is none, or it has no archive that could go.</summary>
    NotUploaded,

    /// <summary>The workspace's next run would use it.</summary>
    IsCurrent,

    /// <summary>A run of it is not over.</summary>
    InUse,
}

/// <summary>Lets the archives of configurations go that nobody needs any more. Which runs used them stays known.</summary>
public sealed class ConfigurationArchival(IDbContextFactory<OrchestratorDbContext> databases, IBlobStore blobs, TimeProvider clock)
{
    public async Task<ArchivalOutcome> ArchiveAsync(ConfigurationVersionId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await db.ConfigurationVersions.AsNoTracking().FirstOrDefaultAsync(version => version.Id == id, cancellationToken);
        if (found is not { Status: ConfigurationVersionStatus.Uploaded })
        {
            return ArchivalOutcome.NotUploaded;
        }
        if (await db.CurrentConfigurationAsync(found.WorkspaceId, cancellationToken) is { } current && current.Id == id)
        {
            return ArchivalOutcome.IsCurrent;
        }
        var now = clock.GetUtcNow();
        var archived = await db.ConfigurationVersions
            .Where(version => version.Id == id && version.Status == ConfigurationVersionStatus.Uploaded
                && !db.Runs.Any(run => run.ConfigurationVersionId == id && !RunMoves.Final.Contains(run.Status)))
            .ExecuteUpdateAsync(set => set
                .SetProperty(version => version.Status, ConfigurationVersionStatus.Archived)
                .SetProperty(version => version.ArchivedAt, now), cancellationToken);
        if (archived == 0)
        {
            return ArchivalOutcome.InUse;
        }
        await blobs.DeleteAsync(BlobKey.Configuration(id), CancellationToken.None);
        return ArchivalOutcome.Archived;
    }
}
