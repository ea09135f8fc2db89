using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>Sends everybody to everything that is not the API, and says who got where.</summary>
/// <param name="lines">Takes a line for each route, form and kind of link.</param>
/// <param name="wrong">Takes what the server did that its own rules do not say.</param>
internal sealed partial class SiteWalk(
    Platform platform, IReadOnlyDictionary<string, RouteRightsTests.Role> cast, RunTokenTests.Everything mine, List<string> lines, List<string> wrong)
{
    /// <summary>Answers 404 to everybody, or has no use for being asked without more.</summary>
    private static readonly string[] WithoutOne = ["/{*path:nonfile}", "/_framework/opaque-redirect", CompanyLink.Path + "/"];

    private const string NoForm = "no-such-form";

    private readonly Dictionary<string, Browser> _browsers = [];

    public async Task WalkAsync()
    {
        try
        {
            foreach (var (role, person) in cast.Where(role => role.Value.Caller.UserId is not null))
            {
                _browsers[role] = await Browser.SignedInAsync(platform, person.Caller.UserId);
            }
            await platform.Get<IBlobStore>().WriteAsync(BlobKey.ErroredState(new RunId(mine.Run.Id)), "{}"u8.ToArray(), CancellationToken.None);
            foreach (var route in SiteRoute.AllOf(platform))
            {
                await WalkAsync(route);
            }
            foreach (var kind in Enum.GetValues<LinkKind>())
            {
                await WalkAsync(kind);
            }
        }
        finally
        {
            foreach (var browser in _browsers.Values)
            {
                browser.Dispose();
            }
        }
    }

    private async Task WalkAsync(SiteRoute route)
    {
        if (route.IsAnonymous)
        {
            lines.Add($"{route}: anybody");
            return;
        }
        if (route.Method == "GET")
        {
            await ReadAsync(route);
            await AsStrangersAsync(route, path => platform.Anonymous.SendAsync(HttpMethod.Get, path));
        }
        else if (route.IsPage)
        {
            var forms = PageRules.FormsAt(route.Pattern).ToArray();
            foreach (var (form, rule) in forms)
            {
                await PressAsync(route, form, rule.IsMet);
            }
            if (route.IsForEveryUser)
            {
                await PressAsync(route, null, _ => true);
            }
            else
            {
                await PressAsync(route, NoForm, _ => false);
            }
        }
        else
        {
            if (!route.WantsForm)
            {
                wrong.Add($"{route} takes forms of other sites");
            }
            await PressAsync(route, null, _ => true);
        }
    }

    private async Task ReadAsync(SiteRoute route)
    {
        var allowed = new List<string>();
        foreach (var role in RouteRightsTests.Roles)
        {
            var expected = await IsLetInAsync(route, cast[role], _ => true);
            if (expected)
            {
                allowed.Add(role);
            }
            if (_browsers.TryGetValue(role, out var browser))
            {
                var status = await browser.LookAsync(PathOf(route));
                if (expected && WithoutOne.Contains(route.Pattern) ? status is not (400 or 404) : status != (expected ? 200 : 404))
                {
                    wrong.Add($"{role}: {route} answered {status}");
                }
            }
        }
        lines.Add($"{route}: {string.Join(' ', allowed)}");
    }

    /// <summary>Sends a form that is genuine but for the button, which the page does not show to whoever may not press it.</summary>
    private async Task PressAsync(SiteRoute route, string? form, Func<Admission, bool> rule)
    {
        var allowed = new List<string>();
        foreach (var role in RouteRightsTests.Roles)
        {
            if (await IsLetInAsync(route, cast[role], rule))
            {
                allowed.Add(role);
            }
            else if (_browsers.TryGetValue(role, out var browser))
            {
                var answer = await browser.ForgeAsync(PathOf(route), (FormGate.NameField, form ?? ""));
                if (answer.Status != 404)
                {
                    wrong.Add($"{role}: {route} {form} answered {answer.Status}");
                }
            }
        }
        if (form != NoForm)
        {
            lines.Add($"{route}{(form is null ? "" : " " + form)}: {string.Join(' ', allowed)}");
        }
        await AsStrangersAsync(route, path => platform.Anonymous.SendAsync(HttpMethod.Post, path, new FormUrlEncodedContent([])));
    }

    /// <summary>No token opens a page, not even the admin's: a browser would not send it along with another site's request.</summary>
    private async Task AsStrangersAsync(SiteRoute route, Func<string, Task<Answer>> send)
    {
        var answer = await send(PathOf(route));
        // Streams have no use for another page.
        if (answer.Status is not (302 or 401) || answer.Headers.Location?.ToString().Contains("/sign-in?return=", StringComparison.Ordinal) != true)
        {
            wrong.Add($"anonymous: {route} answered {answer.Status} {answer.Headers.Location}");
        }
    }

    private async Task WalkAsync(LinkKind kind)
    {
        var id = kind switch
        {
            LinkKind.PlanLog or LinkKind.ApplyLog => mine.Run.Id,
            LinkKind.ConfigurationUpload => mine.Configuration,
            _ => mine.State,
        };
        var links = platform.Get<SignedLinks>();
        var allowed = new List<string>();
        foreach (var role in RouteRightsTests.Roles)
        {
            if (await links.OpenForAsync(kind, links.Make(kind, id, cast[role].Caller), CancellationToken.None) is not null)
            {
                allowed.Add(role);
            }
        }
        lines.Add($"LINK {EnumText.Of(kind)}: {string.Join(' ', allowed)}");
    }

    private async Task<bool> IsLetInAsync(SiteRoute route, RouteRightsTests.Role role, Func<Admission, bool> rule)
    {
        if (role.Caller.UserId is null || route.Need is not { } need)
        {
            return false;
        }
        await using var db = platform.Open();
        var values = new RouteValueDictionary(Parameter().Matches(route.Pattern).Select(match =>
            KeyValuePair.Create<string, object?>(match.Groups["name"].Value, ValueOf(route, match.Groups["name"].Value))));
        var scope = need.Find is { } find ? await find(db, values, CancellationToken.None) : Scope.Nowhere;
        if (scope is null)
        {
            return false;
        }
        var admission = new Admission(
            role.Caller, await platform.Get<Standings>().OfAsync(role.Caller.Principal, null, CancellationToken.None), scope);
        return need.IsMet(admission) && rule(admission);
    }

    private string PathOf(SiteRoute route)
    {
        var path = Parameter().Replace(route.Pattern, match => ValueOf(route, match.Groups["name"].Value));
        return path.StartsWith('/') ? path : "/" + path;
    }

    private string ValueOf(SiteRoute route, string parameter) => parameter.ToLowerInvariant() switch
    {
        "organization" => mine.Workspace.Organization,
        "workspace" => mine.Workspace.Name,
        "run" => mine.Run.Id,
        "state" => mine.State,
        "id" when route.Pattern.StartsWith("/app/events/workspaces", StringComparison.Ordinal) => mine.Workspace.Id,
        "id" when route.Pattern.StartsWith("/app/events/", StringComparison.Ordinal) => mine.Run.Id,
        "id" when route.Pattern.Contains("/variable-sets/", StringComparison.Ordinal) => mine.Set,
        "variable" => route.Pattern.Contains("/variable-sets/", StringComparison.Ordinal) ? mine.SetVariable : mine.Variable,
        "user" => mine.People["users"],
        "team" => mine.People["teams"],
        "project" => mine.Project,
        "phase" => "plan",
        "*path" => "there/is/no/such/page",
        "**path" => "",
        _ => "nothing-0000000000000000",
    };

    [GeneratedRegex(@"\{(?<name>\*{0,2}[A-Za-z]+)[^}]*\}")]
    private static partial Regex Parameter();
}
