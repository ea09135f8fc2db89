using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Api;

namespace Orchestrator.Web.Access;

/// <summary>Those of some resources that the caller may see who has asked for something else: whatever an answer includes.</summary>
internal delegate Task<IReadOnlyList<string>> Sight(
    OrchestratorDbContext db, IReadOnlyList<string> ids, Admission admission, CancellationToken cancellationToken);

/// <summary>The sights, by the type of the resource. A type that is not here is shown to site admins alone.</summary>
internal static class Sights
{
    private static readonly Dictionary<string, Sight> Types = new(StringComparer.Ordinal)
    {
        [OrganizationResource.Type] = async (db, ids, admission, cancellationToken) =>
        {
            var found = await db.Organizations.Where(row => ids.Contains(row.Name)).Select(row => new { row.Id, row.Name }).ToListAsync(cancellationToken);
            return [.. found.Where(row => admission.Standing.In(row.Id).HasFlag(OrganizationRight.Read)).Select(row => row.Name)];
        },
        // Colleagues, and oneself.
        [People.Type] = async (db, ids, admission, cancellationToken) =>
        {
            var wanted = ids.Select(id => new UserId(id)).ToArray();
            OrganizationId[] here = [.. admission.Standing.Organizations.Where(id => admission.Standing.In(id).HasFlag(OrganizationRight.Read))];
            var own = admission.Caller.UserId;
            var found = await db.Users.Where(row => wanted.Contains(row.Id) && ((own != null && row.Id == own)
                || db.OrganizationMemberships.Any(membership => membership.UserId == row.Id && here.Contains(membership.OrganizationId))))
                .Select(row => row.Id).ToListAsync(cancellationToken);
            if (found.Count == ids.Count)
            {
                return [.. found.Select(id => id.Value)];
            }
            var memberships = ids.Select(InvitedUsers.MembershipOf).ToArray();
            OrganizationId[] inviting = [.. here.Where(id => admission.Standing.In(id).HasFlag(OrganizationRight.ManageMembership))];
            var invited = await db.OrganizationMemberships
                .Where(row => memberships.Contains(row.Id) && row.UserId == null && inviting.Contains(row.OrganizationId))
                .Select(row => row.Id).ToListAsync(cancellationToken);
            return [.. found.Select(id => id.Value), .. invited.Select(InvitedUsers.IdOf)];
        },
        [MembershipResource.Type] = async (db, ids, admission, cancellationToken) =>
        {
            var wanted = ids.Select(id => new OrganizationMembershipId(id)).ToArray();
            var own = admission.Caller.UserId;
            var found = await db.OrganizationMemberships.Where(row => wanted.Contains(row.Id))
                .Select(row => new { row.Id, row.OrganizationId, row.UserId }).ToListAsync(cancellationToken);
            return [.. found
                .Where(row => admission.Standing.In(row.OrganizationId).HasFlag(OrganizationRight.ManageMembership) || (own != null && row.UserId == own))
                .Select(row => row.Id.Value)];
        },
        [TeamResource.Type] = async (db, ids, admission, cancellationToken) =>
        {
            var wanted = ids.Select(id => new TeamId(id)).ToArray();
            var found = await db.Teams.AsNoTracking().Where(row => wanted.Contains(row.Id)).ToListAsync(cancellationToken);
            return [.. found.Where(team => admission.Of(team).HasFlag(TeamRight.See)).Select(team => team.Id.Value)];
        },
        [ProjectResource.Type] = async (db, ids, admission, cancellationToken) =>
        {
            var wanted = ids.Select(id => new ProjectId(id)).ToArray();
            var found = await db.Projects.Where(row => wanted.Contains(row.Id)).Select(row => new { row.Id, row.OrganizationId }).ToListAsync(cancellationToken);
            return [.. found.Where(row => admission.Standing.In(row.OrganizationId, row.Id).HasFlag(ProjectRight.Read)).Select(row => row.Id.Value)];
        },
        [WorkspaceResource.Type] = In<WorkspaceId>(WorkspaceRight.See, (db, ids) =>
            from row in db.Workspaces where ids.Contains(row.Id) select new Located<WorkspaceId>(row.Id, row.Id)),
        [RunResource.Type] = In<RunId>(WorkspaceRight.ReadRuns, (db, ids) =>
            from row in db.Runs where ids.Contains(row.Id) select new Located<RunId>(row.Id, row.WorkspaceId)),
        [RunEventResource.Type] = In<RunEventId>(WorkspaceRight.ReadRuns, (db, ids) =>
            from row in db.RunEvents
            join run in db.Runs on row.RunId equals run.Id
            where ids.Contains(row.Id)
            select new Located<RunEventId>(row.Id, run.WorkspaceId)),
        [CommentResource.Type] = In<CommentId>(WorkspaceRight.ReadRuns, (db, ids) =>
            from row in db.RunEvents
            join run in db.Runs on row.RunId equals run.Id
            where row.CommentId != null && ids.Contains(row.CommentId!.Value)
            select new Located<CommentId>(row.CommentId!.Value, run.WorkspaceId)),
        [PlanResource.Type] = In<PlanId>(WorkspaceRight.ReadRuns, (db, ids) =>
            from row in db.Plans
            join run in db.Runs on row.RunId equals run.Id
            where ids.Contains(row.Id)
            select new Located<PlanId>(row.Id, run.WorkspaceId)),
        [ApplyResource.Type] = In<ApplyId>(WorkspaceRight.ReadRuns, (db, ids) =>
            from row in db.Applies
            join run in db.Runs on row.RunId equals run.Id
            where ids.Contains(row.Id)
            select new Located<ApplyId>(row.Id, run.WorkspaceId)),
        [ConfigurationVersionResource.Type] = In<ConfigurationVersionId>(WorkspaceRight.ReadRuns, (db, ids) =>
            from row in db.ConfigurationVersions where ids.Contains(row.Id) select new Located<ConfigurationVersionId>(row.Id, row.WorkspaceId)),
        [StateVersionResource.Type] = In<StateVersionId>(WorkspaceRight.ReadState, (db, ids) =>
            from row in db.StateVersions where ids.Contains(row.Id) select new Located<StateVersionId>(row.Id, row.WorkspaceId)),
        [StateOutputResource.Type] = Outputs,
        [WorkspaceOutputResource.Type] = Outputs,
        [VariableResource.Type] = In<VariableId>(WorkspaceRight.ReadVariables, (db, ids) =>
            from row in db.Variables where ids.Contains(row.Id) && row.WorkspaceId != null select new Located<VariableId>(row.Id, row.WorkspaceId!.Value)),
    };

    private static Sight Outputs => In<StateOutputId>(WorkspaceRight.ReadOutputs, (db, ids) =>
        from row in db.StateOutputs
        join version in db.StateVersions on row.StateVersionId equals version.Id
        where ids.Contains(row.Id)
        select new Located<StateOutputId>(row.Id, version.WorkspaceId));

    /// <summary>Those of the resources that may be shown.</summary>
    public static async Task<IReadOnlyList<string>> SeenAsync(HttpContext context, string type, IReadOnlyList<string> ids)
    {
        var admission = Admission.Of(context);
        if (admission.Standing.IsEverywhere)
        {
            return ids;
        }
        return Types.TryGetValue(type, out var sight)
            ? await sight(context.RequestServices.GetRequiredService<OrchestratorDbContext>(), ids, admission, context.RequestAborted)
            : [];
    }

    private static Sight In<TId>(WorkspaceRight right, Func<OrchestratorDbContext, TId[], IQueryable<Located<TId>>> locate)
        where TId : struct, IIdentifier<TId> => async (db, ids, admission, cancellationToken) =>
    {
        var found = await locate(db, [.. ids.Select(TId.Of)]).ToListAsync(cancellationToken);
        await admission.LocateAsync(db, found.Select(row => row.Workspace), cancellationToken);
        return [.. found.Where(row => admission.In(row.Workspace).HasFlag(right)).Select(row => row.Id.Value)];
    };

    private sealed record Located<TId>(TId Id, WorkspaceId Workspace);
}
