using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Variables;

/// <summary>Makes, changes, assigns and deletes sets, for the API and the pages alike.</summary>
public sealed class VariableSets(IDbContextFactory<OrchestratorDbContext> databases, VariableEditor editor, TimeProvider clock)
{
    public const int MaxDescriptionLength = 512;
    public const int MaxPerOrganization = 1000;

    /// <summary>Of workspaces, and of projects. Its document names them all.</summary>
    public const int MaxAssignments = 1000;

    private const string AssignedToAll = "The set is global: it reaches every workspace of the organization. Switch that off to assign it.";
    private const int MaxTold = 5;

    public const string NameTaken = "Name has already been taken";

    public static readonly string NameRule = $"A name has 1 to {Names.MaxVariableSetLength} characters on one line, and no space at its ends.";

    /// <param name="owner">The project that owns it; null for the organisation.</param>
    public async Task<VariableSetResult> CreateAsync(
        OrganizationId organization, ProjectId? owner, VariableSetEdit wanted, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await db.HoldAsync(organization, cancellationToken))
        {
            return VariableSetResult.NotFound;
        }
        if (owner is { } project && !await db.Projects.AnyAsync(row => row.Id == project && row.OrganizationId == organization, cancellationToken))
        {
            return Refused("The organization has no such project.", "parent");
        }
        if (await db.VariableSets.CountAsync(row => row.OrganizationId == organization, cancellationToken) >= MaxPerOrganization)
        {
            return Refused($"An organization has {MaxPerOrganization} variable sets at most.", "name");
        }
        var now = clock.GetUtcNow();
        var set = new VariableSet
        {
            Id = Identifier.New<VariableSetId>(),
            OrganizationId = organization,
            ProjectId = owner,
            Name = "",
            CreatedAt = now,
            UpdatedAt = now,
        };
        db.VariableSets.Add(set);
        if (await ApplyAsync(db, set, wanted with { Name = wanted.Name ?? "" }, cancellationToken) is { } refusal)
        {
            return new VariableSetResult(null, refusal);
        }
        await transaction.CommitAsync(cancellationToken);
        return new VariableSetResult(set);
    }

    public Task<VariableSetResult> UpdateAsync(VariableSetId id, VariableSetEdit wanted, CancellationToken cancellationToken) =>
        ChangeAsync(id, (_, _) => Task.FromResult(wanted), cancellationToken);

    /// <summary>Assigns it to these, too.</summary>
    public Task<VariableSetResult> AssignAsync(
        VariableSetId id, IReadOnlyList<WorkspaceId> workspaces, IReadOnlyList<ProjectId> projects, CancellationToken cancellationToken) =>
        ReassignAsync(id, current => current.Union(workspaces), current => current.Union(projects), cancellationToken);

    /// <summary>Takes it from these. From those that do not have it, nothing is taken.</summary>
    public Task<VariableSetResult> UnassignAsync(
        VariableSetId id, IReadOnlyList<WorkspaceId> workspaces, IReadOnlyList<ProjectId> projects, CancellationToken cancellationToken) =>
        ReassignAsync(id, current => current.Except(workspaces), current => current.Except(projects), cancellationToken);

    /// <summary>Its variables go with it, and its assignments.</summary>
    /// <returns>False when there is no such set.</returns>
    public async Task<bool> DeleteAsync(VariableSetId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.HoldAsync(id, cancellationToken) is null)
        {
            return false;
        }
        await db.VariableSets.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private Task<VariableSetResult> ReassignAsync(
        VariableSetId id, Func<IEnumerable<WorkspaceId>, IEnumerable<WorkspaceId>> workspaces,
        Func<IEnumerable<ProjectId>, IEnumerable<ProjectId>> projects, CancellationToken cancellationToken) =>
        ChangeAsync(id, async (db, set) => new VariableSetEdit
        {
            Workspaces = [.. workspaces(await db.VariableSetWorkspaces.Where(row => row.VariableSetId == set.Id)
                .Select(row => row.WorkspaceId).ToListAsync(cancellationToken))],
            Projects = [.. projects(await db.VariableSetProjects.Where(row => row.VariableSetId == set.Id)
                .Select(row => row.ProjectId).ToListAsync(cancellationToken))],
        }, cancellationToken);

    private async Task<VariableSetResult> ChangeAsync(
        VariableSetId id, Func<OrchestratorDbContext, VariableSet, Task<VariableSetEdit>> wanted, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.HoldAsync(id, cancellationToken) is not { } set)
        {
            return VariableSetResult.NotFound;
        }
        if (await ApplyAsync(db, set, await wanted(db, set), cancellationToken) is { } refusal)
        {
            return new VariableSetResult(null, refusal);
        }
        await transaction.CommitAsync(cancellationToken);
        return new VariableSetResult(set);
    }

    /// <summary>Checks and saves; the caller commits.</summary>
    private async Task<VariableSetRefusal?> ApplyAsync(
        OrchestratorDbContext db, VariableSet set, VariableSetEdit wanted, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(db, set, wanted, cancellationToken) is { } refusal)
        {
            return refusal;
        }
        set.Name = wanted.Name ?? set.Name;
        set.Description = wanted.Description ?? set.Description;
        set.Global = wanted.Global ?? set.Global;
        set.Priority = wanted.Priority ?? set.Priority;
        set.UpdatedAt = clock.GetUtcNow();
        if (await AssignToWorkspacesAsync(db, set, set.Global ? [] : wanted.Workspaces, cancellationToken) is { } workspaces)
        {
            return workspaces;
        }
        if (await AssignToProjectsAsync(db, set, set.Global ? [] : wanted.Projects, cancellationToken) is { } projects)
        {
            return projects;
        }
        if (await ReplaceVariablesAsync(db, set, wanted.Variables, cancellationToken) is { } variables)
        {
            return variables;
        }
        await db.SaveChangesAsync(cancellationToken);
        return await db.FindRivalAsync(set, cancellationToken) is { } rival ? new VariableSetRefusal(rival, "global") : null;
    }

    private static async Task<VariableSetRefusal?> RefusalAsync(
        OrchestratorDbContext db, VariableSet set, VariableSetEdit wanted, CancellationToken cancellationToken)
    {
        if (wanted.Name is { } name)
        {
            if (!Names.IsVariableSet(name))
            {
                return new VariableSetRefusal(NameRule, "name");
            }
            if (await db.VariableSets.AnyAsync(
                row => row.OrganizationId == set.OrganizationId && row.Name == name && row.Id != set.Id, cancellationToken))
            {
                return new VariableSetRefusal(NameTaken, "name");
            }
        }
        if (wanted.Description is { Length: > MaxDescriptionLength })
        {
            return new VariableSetRefusal($"A description has {MaxDescriptionLength} characters at most.", "description");
        }
        if (!(wanted.Global ?? set.Global))
        {
            return null;
        }
        if (set.ProjectId is not null)
        {
            return new VariableSetRefusal("A set that a project owns stays in that project, so it cannot be global. Assign it to the project.", "global");
        }
        return wanted switch
        {
            { Workspaces.Count: > 0 } => new VariableSetRefusal(AssignedToAll, "workspaces"),
            { Projects.Count: > 0 } => new VariableSetRefusal(AssignedToAll, "projects"),
            _ => null,
        };
    }

    private static async Task<VariableSetRefusal?> AssignToWorkspacesAsync(
        OrchestratorDbContext db, VariableSet set, IReadOnlyList<WorkspaceId>? wanted, CancellationToken cancellationToken)
    {
        if (wanted is null)
        {
            return null;
        }
        if (wanted.Count > MaxAssignments)
        {
            return new VariableSetRefusal($"A set is assigned to {MaxAssignments} workspaces at most. Assign it to their projects.", "workspaces");
        }
        var present = await db.VariableSetWorkspaces.Where(row => row.VariableSetId == set.Id).ToListAsync(cancellationToken);
        db.VariableSetWorkspaces.RemoveRange(present.Where(row => !wanted.Contains(row.WorkspaceId)));
        WorkspaceId[] added = [.. wanted.Except(present.Select(row => row.WorkspaceId))];
        var found = await db.Workspaces
            .Where(row => added.Contains(row.Id) && row.OrganizationId == set.OrganizationId && (set.ProjectId == null || row.ProjectId == set.ProjectId))
            .Select(row => row.Id).ToListAsync(cancellationToken);
        if (added.Except(found).ToArray() is { Length: > 0 } missing)
        {
            return new VariableSetRefusal(
                $"{(set.ProjectId is null ? "The organization" : "The project that owns the set")} has no workspace {string.Join(", ", missing.Take(MaxTold))}.", "workspaces");
        }
        db.VariableSetWorkspaces.AddRange(added.Select(id => new VariableSetWorkspace { VariableSetId = set.Id, WorkspaceId = id }));
        return null;
    }

    private static async Task<VariableSetRefusal?> AssignToProjectsAsync(
        OrchestratorDbContext db, VariableSet set, IReadOnlyList<ProjectId>? wanted, CancellationToken cancellationToken)
    {
        if (wanted is null)
        {
            return null;
        }
        if (wanted.Count > MaxAssignments)
        {
            return new VariableSetRefusal($"A set is assigned to {MaxAssignments} projects at most. Make it global.", "projects");
        }
        var present = await db.VariableSetProjects.Where(row => row.VariableSetId == set.Id).ToListAsync(cancellationToken);
        db.VariableSetProjects.RemoveRange(present.Where(row => !wanted.Contains(row.ProjectId)));
        ProjectId[] added = [.. wanted.Except(present.Select(row => row.ProjectId))];
        var found = await db.Projects.Where(row => added.Contains(row.Id) && row.OrganizationId == set.OrganizationId)
            .Select(row => row.Id).ToListAsync(cancellationToken);
        if (added.Except(found).ToArray() is { Length: > 0 } missing)
        {
            return new VariableSetRefusal($"The organization has no project {string.Join(", ", missing.Take(MaxTold))}.", "projects");
        }
        if (set.ProjectId is { } owner && added.Any(id => id != owner))
        {
            return new VariableSetRefusal("A set that a project owns stays in that project. It cannot be assigned to another.", "projects");
        }
        db.VariableSetProjects.AddRange(added.Select(id => new VariableSetProject { VariableSetId = set.Id, ProjectId = id }));
        return null;
    }

    private async Task<VariableSetRefusal?> ReplaceVariablesAsync(
        OrchestratorDbContext db, VariableSet set, IReadOnlyList<VariableSetMember>? wanted, CancellationToken cancellationToken)
    {
        if (wanted is null)
        {
            return null;
        }
        if (wanted.Count > VariableStore.MaxPerOwner)
        {
            return new VariableSetRefusal($"A variable set has {VariableStore.MaxPerOwner} variables at most.", "vars");
        }
        var present = await db.VariablesOf(set.Id).ToListAsync(cancellationToken);
        var kept = new HashSet<(VariableCategory, string)>();
        var mentioned = new HashSet<VariableId>();
        foreach (var (index, member) in wanted.Index())
        {
            var blank = member.Id is null ? member.Edit?.Invoke(null) : null;
            var known = member.Id is { } id
                ? present.Find(row => row.Id == id)
                : present.Find(row => row.Key == blank?.Key && EnumText.Of(row.Category) == blank.Category);
            if (known is null && (member.Id is not null || blank is null))
            {
                return new VariableSetRefusal("The set has no such variable.", $"vars/{index}");
            }
            if (known is null)
            {
                var created = editor.Create(set.Id, blank!);
                if (created.Variable is null)
                {
                    return new VariableSetRefusal(created.Refusal!, $"vars/{index}/{created.Field}");
                }
                known = created.Variable;
                db.Variables.Add(known);
            }
            else if (member.Edit?.Invoke(known) is { } edit && editor.Update(known, edit) is { Variable: null } refused)
            {
                return new VariableSetRefusal(refused.Refusal!, $"vars/{index}/{refused.Field}");
            }
            if (!kept.Add((known.Category, known.Key)))
            {
                return new VariableSetRefusal(VariableStore.KeyTaken, $"vars/{index}/key");
            }
            mentioned.Add(known.Id);
        }
        db.Variables.RemoveRange(present.Where(row => !mentioned.Contains(row.Id)));
        return null;
    }

    private static VariableSetResult Refused(string reason, string field) => new(null, new VariableSetRefusal(reason, field));
}
