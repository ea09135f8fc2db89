using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Pages.Home;

public sealed class HomeTests
{
    [Theory, EachDatabase]
    public async Task Home_names_what_waits_what_has_failed_and_what_has_drifted_and_only_the_latest_run_counts(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var waiting = await TestWorkspace.CreateAsync(platform.Api);
        var failed = await TestWorkspace.CreateAsync(platform.Api, organization: waiting.Organization);
        await waiting.UploadSampleAsync("hello");
        await (await waiting.StartAsync()).ReachAsync("planned");
        await failed.UploadAsync("this is no configuration");
        var broken = await failed.StartAsync();
        await broken.ReachAsync("errored");
        await DriftAsync(waiting, 3);
        using var browser = await platform.SignedInAsync(WorkspaceAccessLevel.Write, waiting, failed);

        var home = (await browser.GetAsync("/")).Expect(200).Text;
        Assert.Contains(waiting.Name, Part(home, "mine-title"), StringComparison.Ordinal);
        Assert.Contains(broken.Id, Part(home, "failed-title"), StringComparison.Ordinal);
        Assert.Contains($"{waiting.Organization} / {waiting.Name}", Part(home, "drifted-title"), StringComparison.Ordinal);
        Assert.Contains("3 resources", Part(home, "drifted-title"), StringComparison.Ordinal);
        Assert.Contains("3 resources changed outside of terraform", (await browser.GetAsync($"/app/{waiting.Organization}/{waiting.Name}")).Expect(200).Text, StringComparison.Ordinal);

        await failed.UploadAsync("output \"x\" { value = 1 }");
        await (await failed.StartAsync()).ReachAsync("planned");
        await DriftAsync(waiting, 0);
        home = (await browser.GetAsync("/")).Expect(200).Text;
        Assert.DoesNotContain("failed-title", home, StringComparison.Ordinal);
        Assert.DoesNotContain("drifted-title", home, StringComparison.Ordinal);
        // What has changed last is first.
        var latest = Part(home, "latest-title");
        Assert.True(latest.IndexOf(failed.Name, StringComparison.Ordinal) < latest.IndexOf(waiting.Name, StringComparison.Ordinal));

        async Task DriftAsync(TestWorkspace workspace, int resources)
        {
            await using var db = platform.Open();
            RunId? run = resources > 0 ? new RunId((await workspace.RunsAsync())[0].Id) : null;
            await db.Workspaces.Where(row => row.Id == new WorkspaceId(workspace.Id)).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.DriftedResources, resources).SetProperty(row => row.DriftRunId, run));
        }
    }

    /// <summary>The section with this heading.</summary>
    private static string Part(string page, string title)
    {
        var start = page.IndexOf($"aria-labelledby=\"{title}\"", StringComparison.Ordinal);
        Assert.True(start >= 0, $"The page has no {title}.");
        return page[start..page.IndexOf("</section>", start, StringComparison.Ordinal)];
    }
}
