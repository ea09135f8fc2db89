using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.States;

public static class PendingStates
{
    /// <summary>So long an announced document may be on its way. Whoever died with it keeps nobody waiting for longer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The workspace's newest state version has been announced, and its document has not arrived yet.</summary>
    public static async Task<bool> IsStatePendingAsync(
        this OrchestratorDbContext db, WorkspaceId workspace, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var since = now - Patience;
        return await db.StateVersions
            .Where(version => version.WorkspaceId == workspace)
            .OrderByDescending(version => version.CreatedAt)
            .Select(version => version.Status == StateVersionStatus.Pending && version.CreatedAt > since)
            .FirstOrDefaultAsync(cancellationToken);
    }
}
