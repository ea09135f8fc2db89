using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Orchestrator.Data;

namespace Orchestrator.Workspaces;

/// <summary>A workspace whose runs may read this one's state.</summary>
public sealed class RemoteStateConsumer
{
    /// <summary>Whose state is read.</summary>
    public required WorkspaceId WorkspaceId { get; init; }

    /// <summary>Who reads it; of the same organisation.</summary>
    public required WorkspaceId ConsumerId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<RemoteStateConsumer>
    {
        public void Configure(EntityTypeBuilder<RemoteStateConsumer> entity)
        {
            entity.HasKey(row => new { row.WorkspaceId, row.ConsumerId });
            entity.HasIndex(row => row.ConsumerId);
        }
    }
}

public static class RemoteStateSharing
{
    /// <summary>These take the place of all consumers that are named; the caller saves it.</summary>
    public static async Task NameConsumersAsync(
        this OrchestratorDbContext db, WorkspaceId shared, IReadOnlyCollection<WorkspaceId> consumers, CancellationToken cancellationToken)
    {
        var present = await db.RemoteStateConsumers.Where(row => row.WorkspaceId == shared).ToListAsync(cancellationToken);
        db.RemoteStateConsumers.RemoveRange(present.Where(row => !consumers.Contains(row.ConsumerId)));
        db.RemoteStateConsumers.AddRange(consumers.Except(present.Select(row => row.ConsumerId))
            .Select(consumer => new RemoteStateConsumer { WorkspaceId = shared, ConsumerId = consumer }));
    }

    /// <summary>A workspace may read its own state, and that of one of its organisation that shares with all, with its project, or with it.</summary>
    public static Task<bool> MayReadStateAsync(
        this OrchestratorDbContext db, WorkspaceId reader, WorkspaceId source, CancellationToken cancellationToken) =>
        reader == source
            ? Task.FromResult(true)
            : (from shared in db.Workspaces
               where shared.Id == source
               join asking in db.Workspaces on shared.OrganizationId equals asking.OrganizationId
               where asking.Id == reader
               where shared.GlobalRemoteState
                   || (shared.ProjectRemoteState && shared.ProjectId == asking.ProjectId)
                   || db.RemoteStateConsumers.Any(row => row.WorkspaceId == source && row.ConsumerId == reader)
               select shared.Id).AnyAsync(cancellationToken);
}
