using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.SshKeys;

namespace Orchestrator.Runs;

/// <summary>Opens a workspace's SSH key for a phase, in memory.</summary>
public sealed class WorkspaceSshKeys(IDbContextFactory<OrchestratorDbContext> databases, SshKeyVault vault)
{
    /// <returns>Null when the workspace has none.</returns>
    public async Task<string?> OpenAsync(SshKeyId? id, CancellationToken cancellationToken)
    {
        if (id is null)
        {
            return null;
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.SshKeys.AsNoTracking().FirstOrDefaultAsync(key => key.Id == id, cancellationToken) is { } found ? vault.Open(found) : null;
    }
}
