using System.Text.Json.Nodes;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Cli;

/// <summary>Terraform works where it is called, and the platform keeps its state.</summary>
public sealed class LocalModeTests
{
    [Fact]
    public async Task A_workspace_of_local_mode_plans_and_applies_here_and_is_locked_meanwhile()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["execution-mode"] = "local" });
        using var cli = new TerraformCli(platform);
        using var second = new TerraformCli(platform);
        // It waits for a file, so that there is time to look at the lock; and it finds it only on this machine.
        const string configuration = """
            resource "terraform_data" "one" {
              input = "made here"
              provisioner "local-exec" { command = "touch started; while [ ! -e go ]; do sleep 0.05; done" }
            }
            """;
        await cli.InitAsync(workspace, configuration);
        await second.InitAsync(workspace, configuration);

        (await cli.RunAsync("plan", "-out=here.plan")).Expect(0).ExpectSaid("Plan: 1 to add");
        // A plan of its own, not a bookmark of a run.
        Assert.DoesNotContain("remote_plan_format", cli.Read("here.plan"), StringComparison.Ordinal);
        await using (var apply = cli.Start("apply", "here.plan"))
        {
            await Wait.UntilAsync("the provisioner to start", () => File.Exists(cli.PathOf("started")));
            Assert.True(await workspace.IsLockedAsync());
            (await second.RunAsync("plan")).Expect(1).ExpectSaid("Error acquiring the state lock").ExpectSaid("already locked");
            cli.Write("go", "");
            (await apply.EndAsync()).Expect(0).ExpectSaid("Apply complete! Resources: 1 added");
        }

        Assert.False(await workspace.IsLockedAsync());
        Assert.Equal(["terraform_data.one"], await workspace.ResourcesAsync());
        Assert.Empty(await workspace.RunsAsync());
        (await second.RunAsync("plan", "-detailed-exitcode")).Expect(0).ExpectSaid("No changes.");
        (await second.RunAsync("destroy", "-auto-approve")).Expect(0).ExpectSaid("1 destroyed");
        Assert.Empty(await workspace.ResourcesAsync());
    }

    [Fact]
    public async Task A_local_state_moves_into_the_platform_when_init_is_told_so()
    {
        var platform = await SharedPlatforms.OfAsync();
        var beside = await TestWorkspace.CreateAsync(platform.Api);
        using var cli = new TerraformCli(platform);
        cli.Write("main.tf", """
            resource "terraform_data" "one" { input = "made before" }
            output "word" { value = terraform_data.one.output }
            """);
        (await cli.RunAsync("init", "-input=false")).Expect(0);
        (await cli.RunAsync("apply", "-auto-approve")).Expect(0);
        var before = JsonNode.Parse(cli.Read("terraform.tfstate"))!;
        var name = TestWorkspace.NewName("moved");
        cli.WriteCloud(beside.Organization, $"name = \"{name}\"");

        await using (var init = cli.Start("init"))
        {
            await init.WaitForAsync("Enter a value:");
            await init.AnswerAsync("yes");
            (await init.EndAsync()).Expect(0).ExpectSaid("successfully");
        }

        var moved = JsonNode.Parse((await cli.RunAsync("state", "pull")).Expect(0).Output)!;
        Assert.Equal(before["resources"]!.ToJsonString(), moved["resources"]!.ToJsonString());
        Assert.Equal("made before", (await cli.RunAsync("output", "-raw", "word")).Expect(0).Output);
        // What was made here is now looked after there.
        (await cli.RunAsync("plan", "-detailed-exitcode")).Expect(0).ExpectSaid("No changes.");
    }
}
