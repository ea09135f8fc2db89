using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>Sees to it, at every start, that there is somebody who can let others in: the account of the admin's token, and the owners
/// of every organisation.</summary>
public sealed class FirstAccess(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await AddAdminAsync(db, cancellationToken);
        await AddOwnersAsync(db, cancellationToken);
    }

    private async Task AddAdminAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        if (await db.Users.AnyAsync(user => user.Id == User.AdminId, cancellationToken))
        {
            return;
        }
        db.Users.Add(new User
        {
            Id = User.AdminId,
            Username = User.AdminName,
            UsernameKey = User.KeyOf(User.AdminName),
            IsSiteAdmin = true,
            CreatedAt = clock.GetUtcNow(),
        });
        // Another process may have been faster.
        if (await db.TrySaveAsync(cancellationToken))
        {
            await AdoptHistoryAsync(db, cancellationToken);
        }
        db.ChangeTracker.Clear();
    }

    /// <summary>Before there were users, the admin was a name.</summary>
    private static async Task AdoptHistoryAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var admin = User.AdminId.Value;
        await db.Runs.Where(run => run.CreatedById == null && run.CreatedBy == User.AdminName)
            .ExecuteUpdateAsync(set => set.SetProperty(run => run.CreatedById, admin), cancellationToken);
        await db.Runs.Where(run => run.ConfirmedById == null && run.ConfirmedBy == User.AdminName)
            .ExecuteUpdateAsync(set => set.SetProperty(run => run.ConfirmedById, admin), cancellationToken);
        await db.RunEvents.Where(happening => happening.ActorId == null && happening.Actor == User.AdminName)
            .ExecuteUpdateAsync(set => set.SetProperty(happening => happening.ActorId, admin), cancellationToken);
        await db.StateVersions.Where(version => version.CreatedById == null && version.CreatedBy == User.AdminName)
            .ExecuteUpdateAsync(set => set.SetProperty(version => version.CreatedById, admin), cancellationToken);
        await db.Workspaces.Where(workspace => workspace.LockedById == null && workspace.LockedBy == User.AdminName)
            .ExecuteUpdateAsync(set => set.SetProperty(workspace => workspace.LockedById, admin), cancellationToken);
        await db.ConfigurationVersions.Where(version => version.CreatedById == null && version.CreatedBy == null)
            .ExecuteUpdateAsync(set => set
                .SetProperty(version => version.CreatedById, admin)
                .SetProperty(version => version.CreatedBy, User.AdminName), cancellationToken);
    }

    private async Task AddOwnersAsync(OrchestratorDbContext db, CancellationToken cancellationToken)
    {
        var without = await db.Organizations
            .Where(organization => !db.Teams.Any(team => team.OrganizationId == organization.Id && team.Name == Team.Owners))
            .Select(organization => organization.Id)
            .ToListAsync(cancellationToken);
        foreach (var organization in without)
        {
            db.AddOwners(organization, User.AdminId, clock.GetUtcNow());
            await db.TrySaveAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    }
}
