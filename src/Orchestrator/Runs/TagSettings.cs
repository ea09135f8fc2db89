using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Tags;
using Orchestrator.Workspaces;

namespace Orchestrator.Runs;

/// <summary>Changes the tags of workspaces and projects by themselves.</summary>
public sealed class TagSettings(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    // Of several who add a key at once one saves it; the others then see it.
    private const int MaxAttempts = 5;

    /// <returns>Why not, in a sentence; null when it is done.</returns>
    public Task<string?> ChangeAsync(Workspace workspace, IReadOnlyList<Tag> tags, TagChange change, CancellationToken cancellationToken) =>
        ChangeAsync(db => db.TagWorkspaceAsync(
            workspace.Id, workspace.OrganizationId, workspace.ProjectId, tags, change, clock.GetUtcNow(), cancellationToken), cancellationToken);

    /// <returns>Why not, in a sentence; null when it is done.</returns>
    public Task<string?> ChangeAsync(Project project, IReadOnlyList<Tag> tags, TagChange change, CancellationToken cancellationToken) =>
        ChangeAsync(db => db.TagProjectAsync(project.Id, tags, change, clock.GetUtcNow(), cancellationToken), cancellationToken);

    private async Task<string?> ChangeAsync(Func<OrchestratorDbContext, Task<string?>> change, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            if (await change(db) is { } refusal)
            {
                return refusal;
            }
            if (await db.TrySaveAsync(cancellationToken))
            {
                return null;
            }
        }
        return "Somebody else is changing the tags. Try again.";
    }
}
