using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Organizations;

public sealed class RetentionTests
{
    [Fact]
    public async Task What_a_policy_removes_is_announced_by_page_and_verb_and_missed_in_words_afterwards()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadSampleAsync("hello");
        var run = await workspace.ApplyAsync();
        var policy = $"organizations/{workspace.Organization}/relationships/data-retention-policy";
        Assert.Equal(
            $"/api/v2/{policy}",
            (await platform.Api.GetAsync($"organizations/{workspace.Organization}")).Expect(200).Data["relationships"]!["data-retention-policy"]!["links"]!["related"]!.GetValue<string>());
        await using (var db = platform.Open())
        {
            var ago = DateTimeOffset.UtcNow.AddDays(-40);
            await db.Runs.Where(row => row.Id == new RunId(run.Id)).ExecuteUpdateAsync(set => set
                .SetProperty(row => row.CreatedAt, ago).SetProperty(row => row.UpdatedAt, ago));
        }

        // As Terraform Enterprise's clients say it.
        Assert.Null((await platform.Api.GetAsync(policy)).Expect(200).Json["data"]);
        var made = (await platform.Api.PostAsync(policy, ApiClient.Document("data-retention-policy-delete-olders", new JsonObject { ["delete-older-than-n-days"] = 60 }))).Expect(201);
        Assert.Equal(("data-retention-policy-delete-olders", 60), (made.Data["type"]!.GetValue<string>(), made.Attributes["delete-older-than-n-days"]!.GetValue<int>()));
        Assert.Equal(422, (await platform.Api.PatchAsync(policy, ApiClient.Document("data-retention-policy-delete-olders", new JsonObject { ["delete-older-than-n-days"] = 0 }))).Status);
        Assert.Equal(422, (await platform.Api.PatchAsync(policy, ApiClient.Document("data-retention-policy-delete-olders", []))).Status);
        Assert.Equal("data-retention-policy-dont-deletes", (await platform.Api.PatchAsync(policy, ApiClient.Document("data-retention-policy-dont-deletes", []))).Expect(200).Data["type"]!.GetValue<string>());
        (await platform.Api.PatchAsync(policy, ApiClient.Document("data-retention-policy-delete-olders", new JsonObject { ["delete-older-than-n-days"] = 30 }))).Expect(200);
        Assert.Equal(30, (await platform.Api.GetAsync(policy)).Expect(200).Attributes["delete-older-than-n-days"]!.GetValue<int>());

        // A dry run takes nothing.
        var (code, would) = await RunAsync(platform, "--dry-run");
        Assert.Equal(0, code);
        Assert.Contains($"{workspace.Organization}: 1 logs, ", would, StringComparison.Ordinal);
        Assert.Contains($"{workspace.Organization}: 1 plans, ", would, StringComparison.Ordinal);
        Assert.DoesNotContain($"{workspace.Organization}: 1 states", would, StringComparison.Ordinal);
        Assert.Contains("Apply complete!", await run.LogAsync("apply"), StringComparison.Ordinal);
        (code, var went) = await RunAsync(platform);
        Assert.Equal(0, code);
        Assert.Contains($"{workspace.Organization}: 1 plans, ", went, StringComparison.Ordinal);

        Assert.StartsWith("This log was removed by the retention policy on ", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.StartsWith("This log was removed by the retention policy on ", await run.LogAsync("plan"), StringComparison.Ordinal);
        Assert.StartsWith(
            "This plan was removed by the retention policy on ",
            (await platform.Api.GetAsync($"plans/{run.PlanId}/json-output")).Expect(404).Json["errors"]![0]!["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("applied", await run.StatusAsync());
        Assert.Equal(10, (await workspace.ResourcesAsync()).Count);
        // And it goes on from there.
        await workspace.ApplyAsync(new JsonObject { ["is-destroy"] = true });
        await platform.Get<Data.Audit.AuditTrail>().CatchUpAsync(CancellationToken.None);
        await using (var db = platform.Open())
        {
            var told = await db.AuditEntries.Where(entry => entry.Action == "retain_no_longer" && entry.WorkspaceId == new WorkspaceId(workspace.Id)).ToListAsync();
            Assert.Equal(2, told.Count);
            Assert.All(told, entry => Assert.Contains(run.Id, entry.Detail, StringComparison.Ordinal));
        }
        (await platform.Api.DeleteAsync(policy)).Expect(204);
        Assert.Null((await platform.Api.GetAsync(policy)).Expect(200).Json["data"]);
    }

    private static async Task<(int Code, string Said)> RunAsync(Platform platform, params string[] arguments)
    {
        using var said = new StringWriter();
        return (await RetentionCommand.RunAsync([.. arguments, $"--Orchestrator:DataDirectory={platform.DirectoryPath}"], said, said), said.ToString());
    }
}
