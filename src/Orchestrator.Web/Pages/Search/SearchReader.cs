using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Pages.Parts;

namespace Orchestrator.Web.Pages.Search;

public sealed record SearchHit(string Icon, string Title, string Note, string Address);

/// <param name="Name">What they are.</param>
public sealed record SearchGroup(string Name, IReadOnlyList<SearchHit> Hits);

/// <summary>Looks for workspaces, runs, names of variables and pages, among what the reader may see.</summary>
internal sealed class SearchReader(IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    public const int MaxText = 200;

    private const int MaxHits = 8;
    private const int MaxOrganizations = 30;

    // Messages have no index. Who looks for an older run has its id, or its workspace.
    private static readonly TimeSpan Lately = TimeSpan.FromDays(90);

    public async Task<IReadOnlyList<SearchGroup>> FindAsync(string text, Admission admission, CancellationToken cancellationToken)
    {
        var wanted = text.Trim().ToLowerInvariant();
        if (wanted.Length == 0)
        {
            return [];
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return
        [
            .. new SearchGroup[]
            {
                new("Workspaces", await WorkspacesAsync(db, wanted, admission.Standing, cancellationToken)),
                new("Runs", await RunsAsync(db, text.Trim(), wanted, admission.Standing, cancellationToken)),
                new("Variables", await VariablesAsync(db, wanted, admission, cancellationToken)),
                new("Pages", await PagesAsync(db, wanted, admission, cancellationToken)),
            }.Where(group => group.Hits.Count > 0),
        ];
    }

#pragma warning disable CA1304, CA1311, CA1862 // Translated to SQL's lower(); of capitals, the databases' LIKE have different opinions.
    private static async Task<IReadOnlyList<SearchHit>> WorkspacesAsync(
        OrchestratorDbContext db, string wanted, Standing standing, CancellationToken cancellationToken)
    {
        var found = await (
            from workspace in db.Workspaces.AsNoTracking().SeenBy(db, standing)
            where workspace.Name.ToLower().Contains(wanted) || (workspace.Description != null && workspace.Description.ToLower().Contains(wanted))
            join owner in db.Organizations on workspace.OrganizationId equals owner.Id
            orderby workspace.Name.ToLower().StartsWith(wanted) descending, workspace.Name, owner.Name
            select new { workspace.Name, Organization = owner.Name, workspace.Description }).Take(MaxHits).ToListAsync(cancellationToken);
        return [.. found.Select(row => new SearchHit(
            "stack-2", row.Name, row.Description is { Length: > 0 } description ? $"{row.Organization} · {description}" : row.Organization,
            Links.Workspace(row.Organization, row.Name)))];
    }

    private async Task<IReadOnlyList<SearchHit>> RunsAsync(
        OrchestratorDbContext db, string text, string wanted, Standing standing, CancellationToken cancellationToken)
    {
        var since = clock.GetUtcNow() - Lately;
        RunId? id = Identifier.TryParse<RunId>(text, out var exact) ? exact : null;
        var found = await (
            from run in db.Runs.AsNoTracking()
            where id != null ? run.Id == id : run.CreatedAt >= since && run.Message != null && run.Message.ToLower().Contains(wanted)
            join workspace in db.Workspaces.SeenBy(db, standing) on run.WorkspaceId equals workspace.Id
            join owner in db.Organizations on workspace.OrganizationId equals owner.Id
            orderby run.CreatedAt descending
            select new { run.Id, run.Message, run.Status, Workspace = workspace.Name, Organization = owner.Name }).Take(MaxHits).ToListAsync(cancellationToken);
        return [.. found.Select(row => new SearchHit(
            "player-play", Runs.RunMessage.TitleOf(row.Message), $"{row.Organization} / {row.Workspace} · {Words.Of(row.Status)}",
            Links.Run(row.Organization, row.Workspace, row.Id.Value)))];
    }

    private static async Task<IReadOnlyList<SearchHit>> VariablesAsync(
        OrchestratorDbContext db, string wanted, Admission admission, CancellationToken cancellationToken)
    {
        var inWorkspaces = await (
            from variable in db.Variables.AsNoTracking()
            where variable.WorkspaceId != null && variable.Key.ToLower().Contains(wanted)
            join workspace in db.Workspaces.SeenBy(db, admission.Standing) on variable.WorkspaceId equals workspace.Id
            join owner in db.Organizations on workspace.OrganizationId equals owner.Id
            orderby variable.Key, workspace.Name
            select new { variable.Key, Workspace = workspace.Name, workspace.Id, workspace.ProjectId, workspace.OrganizationId, Organization = owner.Name })
            .Take(MaxHits * 4).ToListAsync(cancellationToken);
        var inSets = await (
            from variable in db.Variables.AsNoTracking()
            where variable.VariableSetId != null && variable.Key.ToLower().Contains(wanted)
            join set in db.VariableSets on variable.VariableSetId equals set.Id
            join owner in db.Organizations.SeenBy(admission.Standing) on set.OrganizationId equals owner.Id
            orderby variable.Key, set.Name
            select new { variable.Key, Set = set.Name, set.Id, set.ProjectId, set.OrganizationId, Organization = owner.Name })
            .Take(MaxHits * 4).ToListAsync(cancellationToken);
        return
        [
            .. inWorkspaces
                .Where(row => admission.Standing.In(row.OrganizationId, row.ProjectId, row.Id).HasFlag(WorkspaceRight.ReadVariables))
                .Select(row => new SearchHit("variable", row.Key, $"{row.Organization} / {row.Workspace}", Links.Workspace(row.Organization, row.Workspace, "variables")))
                .Concat(inSets
                    .Where(row => row.ProjectId is { } project
                        ? admission.Standing.In(row.OrganizationId, project).HasFlag(ProjectRight.ReadVarsets)
                        : admission.Standing.In(row.OrganizationId).HasFlag(OrganizationRight.ReadVarsets))
                    .Select(row => new SearchHit("variable", row.Key, $"{row.Organization} · set {row.Set}", Links.VariableSet(row.Organization, row.Id))))
                .Take(MaxHits),
        ];
    }
#pragma warning restore CA1304, CA1311, CA1862

    private static async Task<IReadOnlyList<SearchHit>> PagesAsync(
        OrchestratorDbContext db, string wanted, Admission admission, CancellationToken cancellationToken)
    {
        var organizations = await db.Organizations.SeenBy(admission.Standing).OrderBy(row => row.Name).Take(MaxOrganizations)
            .Select(row => new { row.Id, row.Name }).ToListAsync(cancellationToken);
        var own = new[]
        {
            ("Profile", Links.Profile), ("Security: password, second factor, passkeys", Links.Security), ("API tokens", Links.Tokens),
            ("Sessions", Links.Sessions),
        }.Select(page => (Title: page.Item1, Note: "your account", Address: page.Item2));
        var site = admission.Caller.IsSiteAdmin
            ? new[]
                {
                    ("Site: health and workers", Links.Site), ("Users: site admins, disabled accounts, second factors", Links.SiteUsers),
                    ("Organizations", Links.SiteOrganizations), ("Signing keys: rotate", Links.SiteKeys), ("Audit trail of the site", Links.SiteAudit),
                    ("Jobs", Hosting.JobsDashboard.Path),
                }
                .Select(page => (Title: page.Item1, Note: "this installation", Address: page.Item2))
            : [];
        var theirs = organizations.SelectMany(row =>
        {
            var rights = admission.Standing.In(row.Id);
            return new (string Title, string Address, OrganizationRight Right)[]
            {
                ("Workspaces", Links.Organization(row.Name), OrganizationRight.Read),
                ("Queue of runs", Links.Queue(row.Name), OrganizationRight.Read),
                ("Projects", Links.Projects(row.Name), OrganizationRight.Read),
                ("Variable sets", Links.VariableSets(row.Name), OrganizationRight.ReadVarsets),
                ("Credentials: what runs may get from clouds", Links.Credentials(row.Name), OrganizationRight.ReadCredentials),
                ("Members and invitations", Links.Members(row.Name), OrganizationRight.ManageMembership),
                ("Teams", Links.Teams(row.Name), OrganizationRight.Read),
                ("Permissions: who may do what", Links.Permissions(row.Name), OrganizationRight.ManageMembership | OrganizationRight.SeeSecretTeams),
                ("Agents and workers", Links.Agents(row.Name), OrganizationRight.Read),
                ("Version control", Links.VersionControl(row.Name), OrganizationRight.ManageVcs),
                ("Settings of the organization", Links.Settings(row.Name), OrganizationRight.Update),
                ("Usage", Links.Usage(row.Name), OrganizationRight.Read),
                ("Audit trail", Links.Audit(row.Name), OrganizationRight.ReadAudit),
            }.Where(page => rights.HasFlag(page.Right)).Select(page => (page.Title, Note: row.Name, page.Address));
        });
        return [.. own.Concat(site).Concat(theirs)
            .Where(page => $"{page.Title} {page.Note}".Contains(wanted, StringComparison.OrdinalIgnoreCase))
            .Take(MaxHits).Select(page => new SearchHit("file-text", page.Title, page.Note, page.Address))];
    }
}
