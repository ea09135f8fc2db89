using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Workspaces;

namespace Orchestrator.Web.Api;

/// <summary>Which of an organisation's workspaces a list is to show, and in which order.</summary>
internal sealed partial class WorkspaceList(OrchestratorDbContext db, OrganizationId organization, HttpRequest request)
{
    // Each is a condition of its own in the statement.
    private const int MaxTags = 20;

    /// <exception cref="ApiProblem">The query cannot be understood.</exception>
    public async Task<IQueryable<Workspace>> FindAsync(CancellationToken cancellationToken)
    {
        var workspaces = db.Workspaces.AsNoTracking()
            .Where(workspace => workspace.OrganizationId == organization)
            .Containing(request.Search("name"), workspace => workspace.Name);
        if (request.Search("wildcard-name") is { } pattern)
        {
            var like = LikeOf(pattern);
#pragma warning disable CA1304, CA1311, CA1862 // Translated to SQL's lower(); of capitals, the databases' LIKE have different opinions.
            workspaces = workspaces.Where(workspace => EF.Functions.Like(workspace.Name.ToLower(), like, "\\"));
#pragma warning restore CA1304, CA1311, CA1862
        }
        if (request.Filter("project", "id") is { } project)
        {
            workspaces = workspaces.Where(workspace => workspace.ProjectId == new ProjectId(project));
        }
        if (request.FilterList("current-run", "status") is { Count: > 0 } wanted)
        {
            RunStatus[] statuses = [.. wanted.SelectMany<string, RunStatus>(name => EnumText.TryParse<RunStatus>(name, out var status) ? [status] : [])];
            workspaces = workspaces.Where(workspace => db.Runs.Any(run => run.Id == workspace.CurrentRunId && statuses.Contains(run.Status)));
        }
        return Sort().Sort(await TaggedAsync(workspaces, cancellationToken), request);
    }

    /// <summary>Says in the API's description what such a list can be asked.</summary>
    public static RouteHandlerBuilder Describe(RouteHandlerBuilder route) => route
        .Query("sort", "One of name, created-at, updated-at, latest-change-at, current-run.created-at; downwards with '-' before it; several with commas.")
        .Query("search[name]", "Part of a name.")
        .Query("search[wildcard-name]", "A whole name, in which * stands for anything.")
        .Query("search[tags]", "Tags that they all have, with commas.")
        .Query("search[exclude-tags]", "Tags that none of them has, with commas.")
        .Query("filter[project][id]", "The project they are in.")
        .Query("filter[current-run][status]", "Statuses of which their current run has one, with commas.")
        .Query("filter[tagged][0][key]", "A tag that holds for them, their own or their project's; more with other numbers.")
        .Query("filter[tagged][0][value]", "The value of that tag.");

    /// <summary>A workspace without a run is where its database has it, before or behind all others.</summary>
    private SortKeys<Workspace> Sort() => new SortKeys<Workspace>("name")
        .ByUnique("name", workspace => workspace.Name)
        .By("created-at", workspace => workspace.CreatedAt)
        .By("updated-at", workspace => workspace.UpdatedAt)
        .By("latest-change-at", workspace => workspace.UpdatedAt)
        .By("current-run.created-at", workspace => db.Runs
            .Where(run => run.Id == workspace.CurrentRunId)
            .Select(run => (DateTimeOffset?)run.CreatedAt)
            .FirstOrDefault())
        .Last(workspace => workspace.Id);

    private async Task<IQueryable<Workspace>> TaggedAsync(IQueryable<Workspace> workspaces, CancellationToken cancellationToken)
    {
        var (tags, bindings) = (ApiQuery.List(request.Search("tags")), Bindings());
        if (tags.Count > MaxTags || bindings.Count > MaxTags)
        {
            throw ApiProblem.BadRequest($"A list is searched by {MaxTags} tags at most.");
        }
        foreach (var key in tags)
        {
            workspaces = workspaces.Where(workspace => db.WorkspaceTags.Any(tag => tag.WorkspaceId == workspace.Id && tag.Key == key));
        }
        if (ApiQuery.List(request.Search("exclude-tags")) is { Count: > 0 } excluded)
        {
            workspaces = workspaces.Where(workspace => !db.WorkspaceTags.Any(tag => tag.WorkspaceId == workspace.Id && excluded.Contains(tag.Key)));
        }
        foreach (var (key, value) in bindings)
        {
            // What holds for a workspace, as EffectiveTags says: its own tag, or else its project's; the other way round for a fixed key.
            var isFixed = await db.ReservedTagKeys.AnyAsync(
                reserved => reserved.OrganizationId == organization && reserved.Key == key && reserved.DisableOverrides, cancellationToken);
            var own = db.WorkspaceTags.Where(tag => tag.Key == key);
            var inherited = db.ProjectTags.Where(tag => tag.Key == key);
            workspaces = workspaces.Where(workspace =>
                (own.Any(tag => tag.WorkspaceId == workspace.Id && (value == null || tag.Value == value))
                    && !(isFixed && inherited.Any(tag => tag.ProjectId == workspace.ProjectId)))
                || (inherited.Any(tag => tag.ProjectId == workspace.ProjectId && (value == null || tag.Value == value))
                    && (isFixed || !own.Any(tag => tag.WorkspaceId == workspace.Id))));
        }
        return workspaces;
    }

    /// <summary><c>filter[tagged][0][key]=env&amp;filter[tagged][0][value]=prod</c>. Without a value, any one will do.</summary>
    private List<(string Key, string? Value)> Bindings()
    {
        var keys = new SortedDictionary<int, string>();
        var values = new Dictionary<int, string>();
        foreach (var (name, value) in request.Query)
        {
            if (Tagged().Match(name) is { Success: true } match)
            {
                var index = int.Parse(match.Groups["index"].Value, CultureInfo.InvariantCulture);
                (match.Groups["part"].Value == "key" ? (IDictionary<int, string>)keys : values)[index] = value.ToString();
            }
        }
        return [.. keys.Select(key => (key.Value, values.GetValueOrDefault(key.Key) is { Length: > 0 } value ? value : null))];
    }

    /// <summary>A <c>*</c> at either end stands for anything; without one the name has to be this.</summary>
    private static string LikeOf(string pattern)
    {
        var like = new StringBuilder();
        foreach (var letter in pattern.ToLowerInvariant())
        {
            like.Append(letter switch
            {
                '*' => "%",
                '%' or '_' or '\\' => $"\\{letter}",
                _ => letter.ToString(),
            });
        }
        return like.ToString();
    }

    [GeneratedRegex(@"\Afilter\[tagged\]\[(?<index>[0-9]{1,4})\]\[(?<part>key|value)\]\z")]
    private static partial Regex Tagged();
}
