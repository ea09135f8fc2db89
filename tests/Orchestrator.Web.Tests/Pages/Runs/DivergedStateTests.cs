using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Pages.Runs;

/// <summary>What people see when an apply's last state could not become the workspace's.</summary>
public sealed class DivergedStateTests
{
    [Fact]
    public async Task A_state_that_diverged_is_shown_with_the_steps_to_mend_it_and_its_copy_until_somebody_says_that_it_is_mended()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.ApplyAsync();
        var (home, page) = ($"/app/{workspace.Organization}/{workspace.Name}", $"/app/{workspace.Organization}/{workspace.Name}/runs/{run.Id}");
        Assert.DoesNotContain("State diverged", (await browser.GetAsync(page)).Expect(200).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("dismiss-diverged-state", (await browser.GetAsync(home)).Expect(200).Text, StringComparison.Ordinal);

        // As a worker leaves it that was cut off until others had ended its run.
        var left = RawState.Of(99);
        var directory = Directory.CreateDirectory(Path.Combine(platform.Get<DataDirectory>().Runs, run.Id, "configuration")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(directory, "errored.tfstate"), left, TestContext.Current.CancellationToken);
        await platform.Get<StateRescue>().KeepLeftAsync(new RunId(run.Id), CancellationToken.None);

        Assert.True((await run.ReadAsync()).Attributes["state-diverged"]!.GetValue<bool>());
        Assert.Equal(run.Id, (await workspace.ReadAsync()).Attributes["diverged-run-id"]!.GetValue<string>());
        var card = (await browser.GetAsync(page)).Expect(200).Text;
        string[] steps =
        [
            "State diverged", "Lock the workspace", "Download the kept copy", "terraform state pull &gt; current.tfstate", "diff current.tfstate errored.tfstate",
            "terraform state push errored.tfstate", "Unlock the workspace and plan",
        ];
        Assert.Equal(steps.Length, steps.Select(step => card.IndexOf(step, StringComparison.Ordinal)).Where(at => at >= 0).Order().Distinct().Count());
        Assert.Equal(steps, steps.OrderBy(step => card.IndexOf(step, StringComparison.Ordinal)));
        Assert.Contains($"href=\"{page}/errored-state\"", card, StringComparison.Ordinal);
        Assert.Contains($"/api/v2/applies/{run.ApplyId}/errored-state", card, StringComparison.Ordinal);
        var copy = (await browser.GetAsync($"{page}/errored-state")).Expect(200);
        Assert.Equal("errored.tfstate", copy.ContentHeaders.ContentDisposition!.FileNameStar ?? copy.ContentHeaders.ContentDisposition.FileName);
        Assert.Equal(left, copy.Bytes);

        var alert = (await browser.GetAsync(home)).Expect(200);
        Assert.Contains($"The state lacks what <a href=\"{page}\">an apply</a> may have made", alert.Text, StringComparison.Ordinal);
        Assert.Equal(home, (await browser.SubmitAsync(alert, $"{home}/dismiss-diverged-state")).Expect(302).Headers.Location!.ToString());
        var mended = (await browser.GetAsync(home)).Expect(200).Text;
        Assert.Contains("The workspace says no more that its state has diverged.", mended, StringComparison.Ordinal);
        Assert.DoesNotContain("The state lacks what", mended, StringComparison.Ordinal);
        Assert.Null((await workspace.ReadAsync()).Attributes["diverged-run-id"]);
        // What has happened to the run stays true, and its copy is there.
        Assert.Contains("State diverged", (await browser.GetAsync(page)).Expect(200).Text, StringComparison.Ordinal);
        Assert.Equal(left, (await browser.GetAsync($"{page}/errored-state")).Expect(200).Bytes);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/dismiss-diverged-state")).ExpectError(409);
    }
}
