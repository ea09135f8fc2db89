using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Credentials;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

/// <summary>The right to run with credentials, apart from the rights to plan and to apply; and what a right is worth that was lost.</summary>
public sealed class RunWithCredentialsTests
{
    [Fact]
    public async Task A_team_that_may_not_run_with_credentials_gets_runs_without_them()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await DeliveryTests.SetUpAsync(platform, _ => { });
        await workspace.UploadAsync("resource \"terraform_data\" \"one\" { input = timestamp() }");
        var (team, program) = await WithoutCredentialsAsync(platform, workspace);
        using (program)
        {
            var theirs = await workspace.Through(program).StartAsync();
            await theirs.ReachAsync("planned");
            Assert.Contains(
                $"This plan gets no cloud credentials: {Principal.Of(team.Id).Name}, who queued it, may not run with credentials in this workspace.",
                await theirs.LogAsync("plan"), StringComparison.Ordinal);
            (await theirs.ActAsync("apply")).Expect(202);
            await theirs.ReachAsync("applied");
            Assert.Contains(
                $"This apply gets no cloud credentials: {Principal.Of(team.Id).Name}, who confirmed it,", await theirs.LogAsync("apply"), StringComparison.Ordinal);
            Assert.Empty(await PhasesWithCredentialsAsync(platform, theirs));
            (await program.PostAsync($"workspaces/{workspace.Id}/actions/try-credentials")).ExpectError(404);

            // Whoever confirms stands for what the apply does.
            var confirmed = await workspace.Through(program).StartAsync();
            await confirmed.ReachAsync("planned");
            (await platform.Api.PostAsync($"runs/{confirmed.Id}/actions/apply")).Expect(202);
            await confirmed.ReachAsync("applied");
            Assert.Equal(["apply"], await PhasesWithCredentialsAsync(platform, confirmed));

            var admins = await workspace.StartAsync();
            await admins.ReachAsync("planned");
            (await program.PostAsync($"runs/{admins.Id}/actions/apply")).Expect(202);
            await admins.ReachAsync("applied");
            Assert.Equal(["plan"], await PhasesWithCredentialsAsync(platform, admins));
        }
    }

    [Fact]
    public async Task A_client_that_does_not_know_the_right_gives_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var team = await platform.TeamAsync(workspace.Organization);

        var given = (await platform.Api.PostAsync("team-workspaces", ApiClient.Document(
            "team-workspaces", new JsonObject { ["access"] = "custom", ["runs"] = "plan" },
            ("workspace", "workspaces", workspace.Id), ("team", "teams", team.Id.Value)))).Expect(201);
        Assert.True(given.Attributes["run-with-credentials"]!.GetValue<bool>());

        var taken = (await platform.Api.PatchAsync($"team-workspaces/{given.Id}", ApiClient.Document(
            "team-workspaces", new JsonObject { ["run-with-credentials"] = false }))).Expect(200);
        Assert.False(taken.Attributes["run-with-credentials"]!.GetValue<bool>());
        Assert.Equal("plan", taken.Attributes["runs"]!.GetValue<string>());
        // What is not said stays.
        Assert.False((await platform.Api.PatchAsync($"team-workspaces/{given.Id}", ApiClient.Document(
            "team-workspaces", new JsonObject { ["runs"] = "apply" }))).Expect(200).Attributes["run-with-credentials"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_run_that_applies_by_itself_applies_also_when_its_author_may_not_any_more()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("resource \"terraform_data\" \"one\" {}");
        var team = await platform.TeamAsync(workspace.Organization);
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, team);
        await platform.GiveAsync(team, workspace, WorkspaceAccessLevel.Write);
        using var writer = await platform.CallerAsync(user);
        await workspace.LockAsync();
        var run = await workspace.Through(writer).StartAsync(new JsonObject { ["auto-apply"] = true });
        Assert.Equal("pending", await run.StatusAsync());

        await platform.LeaveAsync(user, team);
        (await writer.GetAsync($"runs/{run.Id}")).ExpectError(404);
        await workspace.UnlockAsync();

        await Wait.ForAsync($"{run.Id} to be applied", async () =>
            (await platform.Api.GetAsync($"runs/{run.Id}")).Expect(200).Attributes["status"]!.GetValue<string>() == "applied" ? "yes" : null);
    }

    private static async Task<(Team Team, ApiClient Program)> WithoutCredentialsAsync(Platform platform, TestWorkspace workspace)
    {
        var team = await platform.TeamAsync(workspace.Organization);
        (await platform.Api.PostAsync("team-workspaces", ApiClient.Document(
            "team-workspaces", new JsonObject { ["access"] = "custom", ["runs"] = "apply", ["run-with-credentials"] = false },
            ("workspace", "workspaces", workspace.Id), ("team", "teams", team.Id.Value)))).Expect(201);
        return (team, await platform.CallerAsync(team));
    }

    private static async Task<List<string>> PhasesWithCredentialsAsync(Platform platform, TestRun run)
    {
        await using var db = platform.Open();
        return await db.CredentialGrants.Where(grant => grant.RunId == new RunId(run.Id)).Select(grant => grant.Phase).Distinct().ToListAsync();
    }
}
