using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tags;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Pages.Parts;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Pages.Home;

public sealed record WorkspaceRow(
    WorkspaceId Id, string Organization, string Project, string Name, string? Description, RunId? RunId, RunStatus? RunStatus, string? RunMessage,
    int Resources, bool IsLocked, DateTimeOffset ChangedAt)
{
    public IReadOnlyList<Tag> Tags { get; init; } = [];
}

/// <summary>Which workspaces a list is to show, as its address says it.</summary>
/// <param name="Status">One of <see cref="StatusGroup.All"/>, by name.</param>
/// <param name="Project">A project's id.</param>
/// <param name="Tag"><c>key</c> or <c>key=value</c>, a workspace's own.</param>
/// <param name="Sort"><c>name</c> or <c>changed</c>, with <c>-</c> before it downwards.</param>
public sealed record WorkspaceFilter(
    string? Organization, string? Text = null, string? Status = null, string? Project = null, string? Tag = null, string? Sort = null, int Page = 1)
{
    public bool IsEmpty => string.IsNullOrEmpty(Text) && string.IsNullOrEmpty(Status) && string.IsNullOrEmpty(Project) && string.IsNullOrEmpty(Tag);

    /// <summary>The address of this list, from its own page.</summary>
    public string Query()
    {
        var parts = new (string Name, string? Value)[]
        {
            ("q", Text), ("status", Status), ("project", Project), ("tag", Tag), ("sort", Sort), ("page", Page > 1 ? $"{Page}" : null),
        };
        return "?" + string.Join('&', parts.Where(part => !string.IsNullOrEmpty(part.Value)).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}"));
    }
}

/// <summary>Statuses that mean the same to whoever looks for work.</summary>
public sealed record StatusGroup(string Name, string Words, string Tone, IReadOnlyList<RunStatus> Statuses)
{
    /// <summary>Of workspaces that never had a run.</summary>
    public const string Never = "never";

    public static readonly IReadOnlyList<StatusGroup> All =
    [
        Of("ask", "need a decision"), Of("bad", "failed"), Of("busy", "under way"), Of("ok", "fine"), Of("quiet", "at rest"),
        new(Never, "never ran", "quiet", []),
    ];

    private static StatusGroup Of(string tone, string words) =>
        new(tone, words, tone, [.. Enum.GetValues<RunStatus>().Where(status => Parts.Words.Tone(status) == tone)]);
}

/// <param name="MayCreate">The reader may create workspaces, in some project.</param>
/// <param name="Counts">How many there are of each status group, whatever group is asked for.</param>
/// <param name="Projects">Of the organisation, if the list is of one.</param>
public sealed record WorkspaceList(
    WorkspaceFilter Filter, IReadOnlyList<string> Organizations, bool MayCreate, IReadOnlyDictionary<string, int> Counts,
    IReadOnlyList<(ProjectId Id, string Name)> Projects, IReadOnlyList<WorkspaceRow> Rows, int Matching, int Pages)
{
    public int Total => Counts.Values.Sum();
}

/// <summary>The lists of workspaces: filtered, counted, sorted and paged in the database.</summary>
internal sealed class WorkspaceLists(IDbContextFactory<OrchestratorDbContext> databases)
{
    public const int PageSize = 50;

    private const int MaxOrganizations = 100;
    private const int MaxProjects = 500;

    /// <param name="standing">Of the reader, who learns of nothing else.</param>
    public async Task<WorkspaceList> ReadAsync(WorkspaceFilter filter, Standing standing, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var names = await db.Organizations.SeenBy(standing).Select(row => row.Name).Order().Take(MaxOrganizations).ToListAsync(cancellationToken);
        var organization = filter.Organization;
        OrganizationId? here = organization is null ? null
            : await db.Organizations.Where(row => row.Name == organization).Select(row => (OrganizationId?)row.Id).FirstOrDefaultAsync(cancellationToken);
        var mayCreate = await MayCreateAsync(db, standing, here, cancellationToken);
        var projects = here is null ? [] : await db.Projects.SeenBy(db, standing).Where(project => project.OrganizationId == here)
            .OrderBy(project => project.Name).Take(MaxProjects).Select(project => new { project.Id, project.Name }).ToListAsync(cancellationToken);

        var matching = Filter(db, db.Workspaces.AsNoTracking().SeenBy(db, standing), here, organization is not null, filter);
        var counts = await CountAsync(db, matching, cancellationToken);
        var group = StatusGroup.All.FirstOrDefault(group => group.Name == filter.Status);
        var count = group is null ? counts.Values.Sum() : counts.GetValueOrDefault(group.Name);
        var (page, pages) = Paging.PageOf(filter.Page, count, PageSize);
        var rows = await RowsAsync(db, InGroup(db, matching, group), filter.Sort, page, PageSize, cancellationToken);
        return new WorkspaceList(
            filter with { Page = page }, names, mayCreate, counts, [.. projects.Select(project => (project.Id, project.Name))], rows, count, pages);
    }

    /// <summary>Those that have changed last.</summary>
    public static Task<IReadOnlyList<WorkspaceRow>> LatestAsync(
        OrchestratorDbContext db, Standing standing, int limit, CancellationToken cancellationToken) =>
        RowsAsync(db, db.Workspaces.AsNoTracking().SeenBy(db, standing), "-changed", page: 1, limit, cancellationToken);

    /// <summary>In some project, of one organization or of any.</summary>
    public static Task<bool> MayCreateAsync(OrchestratorDbContext db, Standing standing, OrganizationId? organization, CancellationToken cancellationToken) =>
        db.Projects.Where(standing, ProjectRight.CreateWorkspaces)
            .AnyAsync(project => organization == null || project.OrganizationId == organization, cancellationToken);

    private static IQueryable<Workspace> Filter(
        OrchestratorDbContext db, IQueryable<Workspace> workspaces, OrganizationId? organization, bool isOfOne, WorkspaceFilter filter)
    {
        if (isOfOne)
        {
            workspaces = workspaces.Where(workspace => workspace.OrganizationId == organization);
        }
        if (filter.Text is { Length: > 0 } text)
        {
#pragma warning disable CA1304, CA1311, CA1862 // Translated to SQL's lower(); of capitals, the databases' LIKE have different opinions.
            workspaces = workspaces.Where(workspace => workspace.Name.ToLower().Contains(text.ToLowerInvariant())
                || (workspace.Description != null && workspace.Description.ToLower().Contains(text.ToLowerInvariant())));
#pragma warning restore CA1304, CA1311, CA1862
        }
        if (Identifier.TryParse<ProjectId>(filter.Project, out var project))
        {
            workspaces = workspaces.Where(workspace => workspace.ProjectId == project);
        }
        if (filter.Tag is { Length: > 0 } tag)
        {
            var parts = tag.Split('=', 2, StringSplitOptions.TrimEntries);
            var (key, value) = (parts[0], parts.ElementAtOrDefault(1));
            workspaces = workspaces.Where(workspace => db.WorkspaceTags.Any(own =>
                own.WorkspaceId == workspace.Id && own.Key == key && (value == null || own.Value == value)));
        }
        return workspaces;
    }

    private static IQueryable<Workspace> InGroup(OrchestratorDbContext db, IQueryable<Workspace> workspaces, StatusGroup? group) => group switch
    {
        null => workspaces,
        { Name: StatusGroup.Never } => workspaces.Where(workspace => workspace.CurrentRunId == null),
        _ => workspaces.Where(workspace => db.Runs.Any(run => run.Id == workspace.CurrentRunId && group.Statuses.Contains(run.Status))),
    };

    private static async Task<IReadOnlyDictionary<string, int>> CountAsync(
        OrchestratorDbContext db, IQueryable<Workspace> workspaces, CancellationToken cancellationToken)
    {
        var found = await (
            from workspace in workspaces
            join current in db.Runs on workspace.CurrentRunId equals current.Id into runs
            from run in runs.DefaultIfEmpty()
            group workspace by (RunStatus?)run.Status into same
            select new { same.Key, Count = same.Count() }).ToListAsync(cancellationToken);
        return found.GroupBy(row => row.Key is { } status ? Words.Tone(status) : StatusGroup.Never).ToDictionary(rows => rows.Key, rows => rows.Sum(row => row.Count));
    }

    private static async Task<IReadOnlyList<WorkspaceRow>> RowsAsync(
        OrchestratorDbContext db, IQueryable<Workspace> workspaces, string? sort, int page, int size, CancellationToken cancellationToken)
    {
        var ordered = sort switch
        {
            "changed" => workspaces.OrderBy(workspace => workspace.UpdatedAt).ThenBy(workspace => workspace.Id),
            "-changed" => workspaces.OrderByDescending(workspace => workspace.UpdatedAt).ThenByDescending(workspace => workspace.Id),
            "-name" => workspaces.OrderByDescending(workspace => workspace.Name).ThenByDescending(workspace => workspace.OrganizationId),
            _ => workspaces.OrderBy(workspace => workspace.Name).ThenBy(workspace => workspace.OrganizationId),
        };
        var ids = await ordered.Skip((page - 1) * size).Take(size).Select(workspace => workspace.Id).ToListAsync(cancellationToken);
        var found = await (
            from workspace in db.Workspaces.AsNoTracking()
            where ids.Contains(workspace.Id)
            join owner in db.Organizations on workspace.OrganizationId equals owner.Id
            join project in db.Projects on workspace.ProjectId equals project.Id
            join latest in db.Runs on workspace.CurrentRunId equals latest.Id into runs
            from run in runs.DefaultIfEmpty()
            join state in db.StateVersions on workspace.CurrentStateVersionId equals state.Id into states
            from current in states.DefaultIfEmpty()
            select new
            {
                workspace,
                Organization = owner.Name,
                Project = project.Name,
                RunId = (RunId?)run.Id,
                Status = (RunStatus?)run.Status,
                run.Message,
                Resources = (int?)current.ResourceCount,
            }).ToListAsync(cancellationToken);
        var tags = (await db.WorkspaceTags.AsNoTracking().Where(tag => ids.Contains(tag.WorkspaceId)).OrderBy(tag => tag.Key).ToListAsync(cancellationToken))
            .ToLookup(tag => tag.WorkspaceId, tag => new Tag(tag.Key, tag.Value));
        return [.. found.OrderBy(row => ids.IndexOf(row.workspace.Id)).Select(row => new WorkspaceRow(
            row.workspace.Id, row.Organization, row.Project, row.workspace.Name, row.workspace.Description, row.RunId, row.Status, row.Message,
            row.Resources ?? 0, row.workspace.IsLocked, row.workspace.UpdatedAt)
        {
            Tags = [.. tags[row.workspace.Id]],
        })];
    }
}
