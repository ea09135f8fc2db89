using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;
using Orchestrator.Web.Tests.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Audit;

/// <summary>Every route that changes something, and every download of note, leaves its entry, whoever added it and whatever it does.</summary>
public sealed class AuditedRouteTests
{
    /// <summary>These routes belong to no organisation, or the request's content says to which.</summary>
    private static readonly string[] OfTheSite =
    [
        "/api/v2/organizations", "/api/v2/runs", "/api/v2/vars", "/api/v2/admin/", "/api/v2/account/", "/api/v2/users/", "/api/v2/uploads/", "/api/v2/downloads/",
        "/api/v2/authentication-tokens/", "/api/v2/team-workspaces", "/api/v2/team-projects", "/api/v2/oidc-settings", "/api/v2/site/",
    ];

    [Fact]
    public async Task Every_route_of_the_api_that_changes_something_or_hands_out_secrets_leaves_its_entry()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mine = await RunTokenTests.WithStateAsync(platform);
        var marked = platform.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<Audited>() is not null)
            .Select(endpoint => endpoint.RoutePattern.RawText!).ToHashSet(StringComparer.Ordinal);
        var organization = (await OrganizationAsync(platform, mine.Workspace.Organization)).Value;
        var missing = new List<string>();
        // What is deleted takes what is in it along.
        foreach (var route in ApiRoute.AllOf(platform)
            .Where(route => route.Method != HttpMethod.Get || marked.Contains(route.Pattern))
            .OrderBy(route => route.Method == HttpMethod.Delete).ThenByDescending(route => route.Pattern.Length))
        {
            var mark = TestWorkspace.NewName("walk");
            var path = route.IsAnonymous ? route.Pattern.Replace("{link}", "not-a-link", StringComparison.Ordinal) : mine.PathOf(route);
            var body = route.Method == HttpMethod.Delete || route.Method == HttpMethod.Get ? null : new StringContent("{", System.Text.Encoding.UTF8, ApiClient.JsonApi);

            var answer = await platform.Api.SendAsync(route.Method, path, body, headers => headers.UserAgent.ParseAdd(mark));

            await using var db = await platform.OpenTrailAsync();
            var entries = await db.AuditEntries.AsNoTracking().Where(entry => entry.UserAgent == mark && entry.Action != "use").ToListAsync();
            var lately = platform.Get<TimeProvider>().GetUtcNow() - RefusalLimit.Window;
            if (route.IsAnonymous && entries.Count == 0 && await db.AuditEntries.AnyAsync(
                entry => entry.Route == $"{route.Method} {route.Pattern}" && entry.Outcome == AuditOutcome.Refused && entry.At > lately))
            {
                // Another test has shown a forged link there a moment ago: this one is only counted.
                continue;
            }
            if (entries is not [var entry] || entry.Route != $"{route.Method} {route.Pattern}" || entry.Action.Length == 0 || entry.ResourceType.Length == 0
                || entry.Status != answer.Status || entry.Address != "127.0.0.1" || string.IsNullOrEmpty(entry.RequestId)
                || (!route.IsAnonymous && (entry.ActorId != User.AdminId.Value || entry.ActorKind != AuditActorKind.SiteAdmin || entry.Via != "token"))
                || (entry.OrganizationId?.Value != organization && answer.Status != 404 && !OfTheSite.Any(start => route.Pattern.StartsWith(start, StringComparison.Ordinal))))
            {
                missing.Add($"{route} answered {answer.Status} and left {entries.Count} entries: {string.Join("; ", entries.Select(Words))}");
            }
        }
        Assert.True(missing.Count == 0, string.Join('\n', missing));
        Assert.True((await platform.Get<AuditVerification>().VerifyAsync(null, CancellationToken.None)).IsWhole);
    }

    [Fact]
    public async Task Every_form_of_the_pages_leaves_its_entry()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var session = new ApiClient(platform.Address);
        var cookie = (await session.GetAsync(await platform.Get<SignInLinks>().MakeAsync(User.AdminId, CancellationToken.None)))
            .Headers.GetValues("Set-Cookie").First(cookie => cookie.StartsWith("orchestrator=", StringComparison.Ordinal)).Split(';')[0];
        var missing = new List<string>();
        foreach (var pattern in platform.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains("POST") == true
                && endpoint.Metadata.GetMetadata<LoggedElsewhere>() is null)
            .Select(endpoint => endpoint.RoutePattern.RawText!)
            .Where(pattern => !pattern.StartsWith("/api/", StringComparison.Ordinal) && !pattern.Contains("{*", StringComparison.Ordinal) && pattern != "/sign-out")
            .Distinct())
        {
            var mark = TestWorkspace.NewName("walk");
            var path = string.Join('/', pattern.Split('/').Select(segment => !segment.StartsWith('{') ? segment : segment.ToLowerInvariant() switch
            {
                "{organization}" => workspace.Organization,
                "{workspace}" => workspace.Name,
                _ => "none-0000000000000000",
            }));

            var answer = await session.SendAsync(HttpMethod.Post, path.StartsWith('/') ? path : "/" + path, new FormUrlEncodedContent([]), headers =>
            {
                headers.UserAgent.ParseAdd(mark);
                headers.TryAddWithoutValidation("Cookie", cookie);
            });

            await using var db = await platform.OpenTrailAsync();
            if (await db.AuditEntries.CountAsync(entry => entry.UserAgent == mark && entry.Route == "POST " + pattern) != 1)
            {
                missing.Add($"POST {pattern} answered {answer.Status}");
            }
        }
        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    private static string Words(AuditEntry entry) =>
        $"{EnumText.Of(entry.ActorKind)} {entry.ActorName} via {entry.Via}: {entry.Action} {entry.ResourceType} {entry.ResourceId} in {entry.OrganizationId} {entry.Outcome} {entry.Status} {entry.Route}";

    private static async Task<OrganizationId> OrganizationAsync(Platform platform, string name)
    {
        await using var db = platform.Open();
        return (await db.Organizations.FirstAsync(row => row.Name == name)).Id;
    }
}
