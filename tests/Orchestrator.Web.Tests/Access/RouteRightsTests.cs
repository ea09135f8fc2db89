using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>Every route with everybody who may call it, against <c>RouteRights.expected.txt</c>: the API's, every page with each of its
/// forms and buttons, the event streams, the files, the signed links, and what is open to anybody.</summary>
/// <remarks>To accept what the routes say now, run it with <c>UPDATE_DOCUMENTS=1</c> and look at the difference.</remarks>
public sealed class RouteRightsTests
{
    private const string Table = "RouteRights.expected.txt";

    public static readonly string[] Roles =
    [
        "site-admin", "owner", "workspace-admin", "writer", "planner", "reader", "project-admin", "member", "outsider", "organization-token",
        "team-token", "run-token",
    ];

    /// <summary>Answers 404 also to those who may: there is none, or it is of a team that they do not see.</summary>
    private static readonly string[] WithoutOne = ["/team-projects/{id}", "/team-workspaces/{id}", "/errored-state", "/sanitized-plan", "/json-download", "/json-output-redacted", "/json-schema", "/v2/vars", "/ingress-attributes", "/branches", "/github-app/installation/{id}"];

    [Fact]
    public async Task Every_route_says_what_it_needs()
    {
        var platform = await SharedPlatforms.OfAsync();

        Assert.Empty(Routes(platform).Where(route => NeedOf(platform, route) is null).Select(route => route.ToString()));
        Assert.Empty(SiteRoute.AllOf(platform).Where(route => !route.IsAnonymous && route.Need is null).Select(route => route.ToString()));
    }

    [Fact]
    public async Task Every_line_of_the_table_of_pages_is_some_pages()
    {
        var platform = await SharedPlatforms.OfAsync();
        var known = SiteRoute.AllOf(platform).Where(route => !route.IsAnonymous)
            .Select(route => PageRules.KeyOf(route.Method, route.Pattern, form: null)).ToHashSet(StringComparer.OrdinalIgnoreCase);

        Assert.Empty(PageRules.Keys.Select(key => string.Join(' ', key.Split(' ').Take(2))).Except(known, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>Some thousand requests, on one database: who may is decided above it, and <see cref="RunTokenTests"/> sends each on both.</summary>
    [Fact]
    public async Task Everybody_gets_exactly_where_the_table_says_and_is_told_nothing_elsewhere()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mine = await RunTokenTests.WithStateAsync(platform);
        var cast = await CastAsync(platform, mine);
        var lines = new List<string>();
        var wrong = new List<string>();
        foreach (var route in Routes(platform))
        {
            var allowed = new List<string>();
            foreach (var role in Roles)
            {
                if (await IsLetInAsync(platform, route, cast[role], mine))
                {
                    allowed.Add(role);
                }
            }
            lines.Add($"{route}: {string.Join(' ', allowed)}");
            foreach (var role in Roles)
            {
                // Whoever may do more than read is not sent to do it: that would take away what the others look for.
                if (!allowed.Contains(role))
                {
                    Check(role, route, (await cast[role].Client.SendAsync(route.Method, mine.PathOf(route))).Status, status => status == 404);
                }
                else if (route.Method == HttpMethod.Get && !WithoutOne.Any(end => route.Pattern.EndsWith(end, StringComparison.Ordinal)))
                {
                    Check(role, route, (await cast[role].Client.SendAsync(route.Method, mine.PathOf(route))).Status, status => status is >= 200 and < 400);
                }
            }
            Check("anonymous", route, (await platform.Anonymous.SendAsync(route.Method, mine.PathOf(route))).Status, status => status == 401);
        }
        await new SiteWalk(platform, cast, mine, lines, wrong).WalkAsync();

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Compare(lines);

        void Check(string role, ApiRoute route, int status, Predicate<int> isRight)
        {
            if (!isRight(status))
            {
                wrong.Add($"{role}: {route} answered {status}");
            }
        }
    }

    private static IEnumerable<ApiRoute> Routes(Platform platform) =>
        ApiRoute.AllOf(platform).Where(route => !route.IsAnonymous).OrderBy(route => route.Pattern, StringComparer.Ordinal).ThenBy(route => route.Method.Method);

    private static Need? NeedOf(Platform platform, ApiRoute route) => platform.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Single(endpoint => endpoint.RoutePattern.RawText == route.Pattern
            && (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Contains(route.Method.Method))
        .Metadata.GetMetadata<Need>();

    /// <summary>As the server decides it, without doing what the route does.</summary>
    private static async Task<bool> IsLetInAsync(Platform platform, ApiRoute route, Role role, RunTokenTests.Everything mine)
    {
        if (NeedOf(platform, route) is not { } need)
        {
            return role.Caller.IsSiteAdmin;
        }
        var values = new RouteValueDictionary();
        foreach (var segment in route.Pattern.Split('/').Zip(mine.PathOf(route).Split('/')).Where(pair => pair.First.StartsWith('{')))
        {
            values[segment.First.Trim('{', '}')] = segment.Second;
        }
        await using var db = platform.Open();
        if (need.Find is null && route.Method == HttpMethod.Get)
        {
            // The handler decides, by what the caller asks for.
            return (await role.Client.SendAsync(route.Method, mine.PathOf(route))).Status is >= 200 and < 400;
        }
        var scope = need.Find is { } find ? await find(db, values, CancellationToken.None) : Scope.Nowhere;
        var standing = await platform.Get<Standings>().OfAsync(role.Caller.Principal, role.Caller.RunToken, CancellationToken.None);
        return scope is not null && need.IsMet(new Admission(role.Caller, standing, scope));
    }

    private static async Task<Dictionary<string, Role>> CastAsync(Platform platform, RunTokenTests.Everything mine)
    {
        var cast = new Dictionary<string, Role>();
        await AddPersonAsync("site-admin", null, user => user.IsSiteAdmin = true);
        await AddPersonAsync("owner", await platform.OwnersAsync(mine.Workspace.Organization));
        foreach (var (role, level) in new[]
        {
            ("workspace-admin", WorkspaceAccessLevel.Admin), ("writer", WorkspaceAccessLevel.Write), ("planner", WorkspaceAccessLevel.Plan),
            ("reader", WorkspaceAccessLevel.Read),
        })
        {
            var team = await platform.TeamAsync(mine.Workspace.Organization);
            await platform.GiveAsync(team, mine.Workspace, level);
            await AddPersonAsync(role, team);
            if (level == WorkspaceAccessLevel.Write)
            {
                cast["team-token"] = new Role(await platform.CallerAsync(team), new Caller(Principal.Of(team.Id)));
            }
        }
        var projectAdmins = await platform.TeamAsync(mine.Workspace.Organization);
        await platform.GiveAsync(projectAdmins, new ProjectId(mine.Project), ProjectAccessLevel.Admin);
        await AddPersonAsync("project-admin", projectAdmins);
        await AddPersonAsync("member", await platform.TeamAsync(mine.Workspace.Organization));
        await AddPersonAsync("outsider", null);
        var owners = await platform.OwnersAsync(mine.Workspace.Organization);
        var issued = await platform.Get<ApiTokens>().IssueAsync(owners.OrganizationId, new TokenRequest(Actor.Platform), CancellationToken.None);
        cast["organization-token"] = new Role(
            new ApiClient(platform.Address, issued.Text), new Caller(Principal.Of(owners.OrganizationId, mine.Workspace.Organization)));
        var text = await platform.Get<RunTokens>().IssueAsync(
            new RunId(mine.Run.Id), new WorkspaceId(mine.Workspace.Id), true, TimeSpan.FromMinutes(10), CancellationToken.None);
        var run = (await platform.Get<RunTokens>().FindAsync(text, CancellationToken.None))!;
        cast["run-token"] = new Role(new ApiClient(platform.Address, text), new Caller(Principal.Of(run)) { RunToken = run });
        return cast;

        async Task AddPersonAsync(string role, Team? team, Action<User>? with = null)
        {
            var user = await platform.AccountAsync(with);
            if (team is not null)
            {
                await platform.JoinAsync(user, team);
            }
            cast[role] = new Role(await platform.CallerAsync(user), new Caller(Principal.Of(user)));
        }
    }

    private static void Compare(IReadOnlyList<string> lines, [CallerFilePath] string caller = "")
    {
        if (Environment.GetEnvironmentVariable("UPDATE_DOCUMENTS") is not null)
        {
            File.WriteAllLines(Path.Combine(Path.GetDirectoryName(caller)!, "..", "Documents", Table), lines);
        }
        else
        {
            Assert.Equal(File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Documents", Table)), lines);
        }
    }

    internal sealed record Role(ApiClient Client, Caller Caller);
}
