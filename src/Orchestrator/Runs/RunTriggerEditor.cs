using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Lets a workspace follow another, but never in a circle: its runs would have no end.</summary>
public sealed class RunTriggerEditor(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    /// <summary>How many workspaces one may follow.</summary>
    public const int MaxSources = 20;

    /// <returns>The trigger, or why there is none, in a sentence.</returns>
    public async Task<(RunTrigger? Trigger, string? Refusal)> CreateAsync(
        WorkspaceId follower, WorkspaceId source, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var organizations = await db.Workspaces
            .Where(workspace => workspace.Id == follower || workspace.Id == source)
            .Select(workspace => workspace.OrganizationId)
            .ToListAsync(cancellationToken);
        if (follower == source)
        {
            return (null, "A workspace cannot follow itself.");
        }
        if (organizations.Count != 2 || organizations[0] != organizations[1])
        {
            return (null, "The organization has no such workspace.");
        }
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        // One at a time in an organisation: two that are harmless alone may close a circle together.
        var organization = organizations[0];
        await db.Organizations.Where(row => row.Id == organization)
            .ExecuteUpdateAsync(set => set.SetProperty(row => row.Name, row => row.Name), cancellationToken);
        var edges = await (
            from trigger in db.RunTriggers
            join workspace in db.Workspaces on trigger.WorkspaceId equals workspace.Id
            where workspace.OrganizationId == organization
            select new { trigger.SourceableId, trigger.WorkspaceId }).ToListAsync(cancellationToken);
        if (edges.Any(edge => edge.WorkspaceId == follower && edge.SourceableId == source))
        {
            return (null, "The workspace follows that one already.");
        }
        if (edges.Count(edge => edge.WorkspaceId == follower) >= MaxSources)
        {
            return (null, $"A workspace follows {MaxSources} others at most.");
        }
        if (Reaches(follower, source, edges.ToLookup(edge => edge.SourceableId, edge => edge.WorkspaceId)))
        {
            return (null, "That workspace follows this one, by itself or through others. In a circle, runs would have no end.");
        }
        var made = new RunTrigger
        {
            Id = Identifier.New<RunTriggerId>(),
            WorkspaceId = follower,
            SourceableId = source,
            CreatedAt = clock.GetUtcNow(),
        };
        db.RunTriggers.Add(made);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (made, null);
    }

    private static bool Reaches(WorkspaceId from, WorkspaceId to, ILookup<WorkspaceId, WorkspaceId> followers)
    {
        var (seen, open) = (new HashSet<WorkspaceId> { from }, new Queue<WorkspaceId>([from]));
        while (open.TryDequeue(out var workspace))
        {
            foreach (var follower in followers[workspace].Where(seen.Add))
            {
                if (follower == to)
                {
                    return true;
                }
                open.Enqueue(follower);
            }
        }
        return false;
    }
}
