using System.Globalization;
using Orchestrator.Access;

namespace Orchestrator.BrowserTests.Screenshots;

/// <summary>No test: <c>eng/screenshots.sh</c> runs it. It fills an installation and takes a picture of every page in both themes and three widths.</summary>
public sealed class Pictures(Site site)
{
    private const string Directory = "ORCHESTRATOR_SCREENSHOTS";

    private static readonly int[] Widths = [360, 768, 1440];

    [Fact(Explicit = true)]
    public async Task Every_page_has_its_picture_in_both_themes_and_three_widths()
    {
        var directory = System.IO.Directory.CreateDirectory(Environment.GetEnvironmentVariable(Directory) ?? "artifacts/screenshots").FullName;
        var only = Environment.GetEnvironmentVariable($"{Directory}_ONLY");
        using var gate = new Gate();
        await using var installation = await Installation.StartAsync();
        await using var stranger = await site.VisitAsync(signedIn: false, new BrowserNewContextOptions { BaseURL = installation.Address });
        var visitor = stranger;
        var taken = new List<string>();
        await TakeAsync(visitor, "sign-in", "/sign-in");
        await visitor.SignInAsync();
        await TakeAsync(visitor, "welcome", "/");
        var story = new Story(installation, gate.File);
        await story.TellAsync();
        foreach (var (name, address) in Pages(story))
        {
            await TakeAsync(visitor, name, address);
        }
        await File.WriteAllTextAsync(Path.Combine(directory, "index.html"), Index(taken));

        async Task TakeAsync(Visitor visitor, string name, string address)
        {
            if (only is { Length: > 0 } && !only.Split(',').Any(part => name.StartsWith(part, StringComparison.Ordinal)))
            {
                return;
            }
            await visitor.Page.GotoAsync(address, new() { WaitUntil = WaitUntilState.Load });
            foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await visitor.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                foreach (var width in Widths)
                {
                    await visitor.Page.SetViewportSizeAsync(width, 900);
                    var file = string.Create(CultureInfo.InvariantCulture, $"{name}-{(scheme == ColorScheme.Dark ? "dark" : "light")}-{width}.png");
                    await visitor.Page.ScreenshotAsync(new() { Path = Path.Combine(directory, file), FullPage = true, Animations = ScreenshotAnimations.Disabled });
                    taken.Add(file);
                }
            }
        }
    }

    private static IEnumerable<(string Name, string Address)> Pages(Story story)
    {
        var organization = $"/app/{Story.Organization}";
        var star = $"{organization}/{Story.Star}";
        yield return ("home", "/");
        yield return ("workspaces", "/workspaces");
        yield return ("search", "/search?q=net");
        yield return ("site", "/app/admin");
        yield return ("site-users", "/app/admin/users");
        yield return ("site-user", $"/app/admin/users/{User.AdminId}");
        yield return ("site-organizations", "/app/admin/organizations");
        yield return ("site-keys", "/app/admin/keys");
        yield return ("organization", organization);
        yield return ("new-organization", "/organizations/new");
        yield return ("new-workspace", $"/workspaces/new?organization={Story.Organization}");
        yield return ("workspace", $"{organization}/payments-production");
        yield return ("workspace-history", $"{organization}/network-staging");
        yield return ("workspace-empty", $"{organization}/sandbox");
        yield return ("workspace-locked", $"{organization}/dns");
        foreach (var part in new[] { "variables", "trust", "states", "settings", "access", "triggers", "notifications", "version-control", "credentials", "credentials/setup", "credentials/ledger" })
        {
            yield return ($"workspace-{part.Replace('/', '-')}", $"{star}/{part}");
        }
        yield return ("workspace-access-why", $"{organization}/workspaces/{Story.Star}/access?member=admin&change={story.Access}");
        yield return ("state", $"{organization}/network-staging/states/{story.State}");
        yield return ("run-review", $"{organization}/payments-production/runs/{story.Runs["review"]}");
        yield return ("run-applied", $"{organization}/payments-production/runs/{story.Runs["applied"]}");
        yield return ("run-credentials", $"{star}/runs/{story.Runs["credentials"]}");
        yield return ("run-failed", $"{organization}/billing-reports/runs/{story.Runs["failed"]}");
        yield return ("run-running", $"{organization}/search-cluster/runs/{story.Runs["running"]}");
        yield return ("run-large", $"{organization}/data-lake/runs/{story.Runs["large"]}");
        yield return ("run-talkative", $"{organization}/certificates/runs/{story.Runs["talkative"]}");
        foreach (var part in new[] { "queue", "usage", "projects", "members", "teams", "permissions", "agents", "general", "credentials", "credentials/ledger", "audit", "variable-sets" })
        {
            yield return ($"organization-{part.Replace('/', '-')}", $"{organization}/settings/{part}");
        }
        yield return ("team", $"{organization}/settings/teams/{story.Team}");
        yield return ("project", $"{organization}/settings/projects/{story.Project}");
        yield return ("member", $"{organization}/settings/members/{User.AdminId}");
        yield return ("variable-set", $"{organization}/settings/variable-sets/{story.VariableSet}");
        foreach (var part in new[] { "profile", "security", "tokens", "sessions", "version-control", "audit" })
        {
            yield return ($"account-{part}", $"/app/settings/{part}");
        }
        yield return ("not-found", "/nowhere");
    }

    private static string Index(IEnumerable<string> files) =>
        $"<!DOCTYPE html><meta charset=utf-8><title>Screenshots</title><style>figure{{display:inline-block;vertical-align:top;margin:.5rem}}img{{max-width:30rem;border:1px solid #888}}</style>{string.Concat(files.Select(file => $"<figure><a href={file}><img src={file} loading=lazy></a><figcaption>{file}</figcaption></figure>"))}";
}
