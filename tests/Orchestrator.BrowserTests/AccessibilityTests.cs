using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Access;
using Orchestrator.Data;

namespace Orchestrator.BrowserTests;

/// <summary>What axe-core finds, with all of its rules, on every kind of page in light and dark.</summary>
public sealed class AccessibilityTests(Site site)
{
    private const string Run = "only => axe.run(document, { resultTypes: ['violations'], ...(only ? { runOnly: only } : {}) }).then(found => found.violations.map(rule => `${rule.id}: ${rule.help}: ${rule.nodes.slice(0, 3).map(node => node.target.join(' ') + ' ' + (node.any[0]?.message ?? '')).join('; ')}`))";

    [Fact]
    public async Task Axe_finds_nothing_on_any_page_in_light_and_dark()
    {
        await using var visitor = await site.VisitAsync();
        var address = await visitor.ArriveAsync("accessible");
        await visitor.SetAsync("accessible/network", "ONE", "1");
        await visitor.UploadAsync(Archives.Of(("main.tf", """
            resource "terraform_data" "one" { input = { a = 1, b = "x" } }
            resource "terraform_data" "two" {
              count = 3
              input = terraform_data.one.id
            }
            output "one" { value = "1" }
            """), ("README.md", "# Title\n\n- [link](https://example.com)\n\n| a | b |\n| - | - |\n| 1 | 2 |\n")), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        await visitor.PressAsync("Confirm & apply");
        await visitor.SeeStatusAsync("Applied");
        var applied = new Uri(visitor.Page.Url).AbsolutePath;
        await visitor.Page.GotoAsync(address);
        await visitor.UploadAsync(Archives.Of("""
            resource "terraform_data" "one" { input = { a = 2, b = "y" } }
            """), start: true);
        await visitor.SeeStatusAsync("Needs confirmation");
        var asking = new Uri(visitor.Page.Url).AbsolutePath;
        await visitor.Page.GotoAsync($"{address}/states");
        var state = await visitor.Page.Locator("tbody tr").First.GetByRole(AriaRole.Link).First.GetAttributeAsync("href");
        var (team, project) = await TeamAsync("accessible");
        var axe = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Support", "Axe", "axe.min.js"));

        var found = new List<string>();
        foreach (var page in new[]
        {
            "/", "/workspaces", "/app/accessible", "/search?q=a", "/app/admin", "/app/admin/users", $"/app/admin/users/{User.AdminId}", "/app/admin/organizations", "/app/admin/keys", "/app/settings/audit", "/organizations/new", "/workspaces/new", address, $"{address}/variables", $"{address}/states", state!,
            $"{address}/settings", $"{address}/access", $"{address}/triggers", $"{address}/notifications", $"{address}/version-control", $"{address}/access?member=admin", $"{address}/credentials", $"{address}/credentials/setup", $"{address}/credentials/ledger", $"{address}/trust", asking, applied,
            "/app/accessible/settings/queue", "/app/accessible/settings/usage", "/app/accessible/settings/projects", "/app/accessible/settings/members", "/app/accessible/settings/agents", "/app/accessible/settings/general", "/app/accessible/settings/teams", "/app/accessible/settings/permissions", team, project, $"{project}/notifications",
            $"/app/accessible/settings/members/{User.AdminId}", "/app/accessible/settings/credentials", "/app/accessible/settings/variable-sets", "/app/accessible/settings/audit",
            "/app/settings/profile", "/app/settings/security", "/app/settings/tokens", "/app/settings/sessions", "/nowhere", "/sign-in",
        })
        {
            await visitor.Page.GotoAsync(page);
            await visitor.Page.EvaluateAsync(axe);
            // In the dark, the colours are all that differs.
            foreach (var (scheme, only) in new[] { (ColorScheme.Light, null), (ColorScheme.Dark, "color-contrast") })
            {
                await visitor.Page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
                var violations = (await visitor.Page.EvaluateAsync<JsonElement>(Run, only)).EnumerateArray().Select(violation => violation.GetString());
                found.AddRange(violations.Select(violation => $"{page} {scheme}: {violation}"));
            }
        }
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    /// <returns>The pages of the owners and of the default project.</returns>
    private async Task<(string Team, string Project)> TeamAsync(string organization)
    {
        await using var db = await site.Services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContextAsync();
        var owner = await db.Organizations.Where(row => row.Name == organization).Select(row => row.Id).SingleAsync();
        return (
            $"/app/{organization}/settings/teams/{await db.Teams.Where(row => row.OrganizationId == owner).Select(row => row.Id).SingleAsync()}",
            $"/app/{organization}/settings/projects/{await db.Projects.Where(row => row.OrganizationId == owner).Select(row => row.Id).SingleAsync()}");
    }
}
