using Microsoft.EntityFrameworkCore;
using Orchestrator.Configurations;
using Orchestrator.Data;

namespace Orchestrator.Runs;

internal static class CurrentConfigurations
{
    /// <summary>What a run of the workspace uses that names no configuration; null when there is none yet.</summary>
    public static Task<ConfigurationVersion?> CurrentConfigurationAsync(
        this OrchestratorDbContext db, WorkspaceId workspace, CancellationToken cancellationToken) =>
        db.ConfigurationVersions.AsNoTracking()
            .Where(version => version.WorkspaceId == workspace
                && version.Status == ConfigurationVersionStatus.Uploaded && !version.Speculative
                // A provisional one is the workspace's only from its first apply on.
                && (!version.Provisional
                    || db.Runs.Any(run => run.ConfigurationVersionId == version.Id && run.WorkspaceId == workspace && run.Status == RunStatus.Applied)))
            .OrderByDescending(version => version.CreatedAt)
            .FirstOrDefaultAsync(cancellationToken);
}
