using System.Text.Json.Nodes;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Cli;

/// <summary>Commands that terraform carries out where it is called, on the state that the platform keeps.</summary>
public sealed class StateCommandTests
{
    private const string Two = """
        resource "terraform_data" "first" { input = "hello" }
        resource "terraform_data" "second" { input = "goodbye" }
        output "greeting" { value = "hello" }
        output "secret" {
          value     = "hush"
          sensitive = true
        }
        """;

    [Fact]
    public async Task Terraform_reads_the_state_that_its_remote_apply_has_left()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var terraform = new TerraformCli(platform);
        await terraform.InitAsync(workspace, """resource "terraform_data" "one" { input = "hello" }""");

        (await terraform.RunAsync("plan", "-input=false", "-detailed-exitcode")).Expect(2).ExpectSaid("Plan: 1 to add, 0 to change, 0 to destroy.");
        (await terraform.RunAsync("apply", "-input=false", "-auto-approve")).Expect(0).ExpectSaid("Apply complete! Resources: 1 added");

        Assert.Equal("terraform_data.one\n", (await terraform.RunAsync("state", "list")).Expect(0).Output);
        (await terraform.RunAsync("plan", "-input=false", "-detailed-exitcode")).Expect(0).ExpectSaid("No changes.");
    }

    [Fact]
    public async Task Resources_are_shown_moved_marked_and_forgotten()
    {
        var (workspace, cli) = await AppliedAsync();
        using var _ = cli;

        (await cli.RunAsync("state", "show", "terraform_data.first")).Expect(0).ExpectSaid("input = \"hello\"");
        (await cli.RunAsync("show")).Expect(0).ExpectSaid("resource \"terraform_data\" \"second\"").ExpectSaid("secret = (sensitive value)");
        (await cli.RunAsync("state", "mv", "terraform_data.first", "terraform_data.third")).Expect(0).ExpectSaid("Successfully moved 1 object(s).");
        Assert.Equal(["terraform_data.second", "terraform_data.third"], await workspace.ResourcesAsync());
        (await cli.RunAsync("taint", "terraform_data.third")).Expect(0);
        Assert.Equal(["terraform_data.second", "terraform_data.third!"], await workspace.ResourcesAsync());
        (await cli.RunAsync("untaint", "terraform_data.third")).Expect(0);
        (await cli.RunAsync("state", "rm", "terraform_data.second")).Expect(0).ExpectSaid("Successfully removed 1 resource instance(s).");

        Assert.Equal(["terraform_data.third"], await workspace.ResourcesAsync());
        Assert.False(await workspace.IsLockedAsync());
        Assert.Single(await workspace.RunsAsync());
    }

    [Fact]
    public async Task A_state_is_pulled_and_pushed_back_unless_a_newer_one_would_be_lost()
    {
        var (workspace, cli) = await AppliedAsync();
        using var _ = cli;

        var pulled = (await cli.RunAsync("state", "pull")).Expect(0).Output;
        Assert.Equal((await workspace.StateAsync())!["lineage"]!.ToString(), JsonNode.Parse(pulled)!["lineage"]!.ToString());
        cli.Write("pulled.tfstate", pulled);
        (await cli.RunAsync("state", "rm", "terraform_data.second")).Expect(0);

        (await cli.RunAsync("state", "push", "pulled.tfstate")).Expect(1).ExpectSaid("over newer state with serial");
        Assert.Equal(["terraform_data.first"], await workspace.ResourcesAsync());
        // Even with -force the cloud block does not tell the server that it is meant: only a newer serial comes through.
        var newer = JsonNode.Parse(pulled)!;
        newer["serial"] = newer["serial"]!.GetValue<int>() + 10;
        cli.Write("newer.tfstate", newer.ToJsonString());
        (await cli.RunAsync("state", "push", "newer.tfstate")).Expect(0);
        Assert.Equal(["terraform_data.first", "terraform_data.second"], await workspace.ResourcesAsync());

        var foreign = JsonNode.Parse(pulled)!;
        foreign["lineage"] = "11111111-2222-3333-4444-555555555555";
        foreign["serial"] = 100;
        cli.Write("foreign.tfstate", foreign.ToJsonString());
        (await cli.RunAsync("state", "push", "foreign.tfstate")).Expect(1).ExpectSaid("unrelated state");
        Assert.False(await workspace.IsLockedAsync());
    }

    [Fact]
    public async Task Outputs_are_told_one_by_one_raw_and_as_json_with_the_sensitive_ones()
    {
        using var cli = (await AppliedAsync()).Cli;

        (await cli.RunAsync("output")).Expect(0).ExpectSaid("greeting = \"hello\"").ExpectSaid("secret = <sensitive>");
        Assert.Equal("\"hello\"\n", (await cli.RunAsync("output", "greeting")).Expect(0).Output);
        Assert.Equal("hush", (await cli.RunAsync("output", "-raw", "secret")).Expect(0).Output);
        var all = JsonNode.Parse((await cli.RunAsync("output", "-json")).Expect(0).Output)!;
        Assert.Equal("hush", all["secret"]!["value"]!.GetValue<string>());
        Assert.True(all["secret"]!["sensitive"]!.GetValue<bool>());
        Assert.Equal("string", all["greeting"]!["type"]!.GetValue<string>());
        (await cli.RunAsync("output", "missing")).Expect(1).ExpectSaid("Output \"missing\" not found");
    }

    [Fact]
    public async Task What_exists_is_imported_by_the_command_with_the_workspaces_variables()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var cli = new TerraformCli(platform);
        await workspace.SetAsync("word", "of the workspace");
        // The command asks for what it is not told, and nobody answers.
        await cli.InitAsync(workspace, """
            variable "word" {}
            resource "terraform_data" "adopted" { input = var.word }
            """);

        (await cli.RunAsync("import", "terraform_data.adopted", "an-id")).Expect(0).ExpectSaid("Import successful!");

        Assert.Equal(["terraform_data.adopted"], await workspace.ResourcesAsync());
        Assert.False(await workspace.IsLockedAsync());
        (await cli.RunAsync("import", "terraform_data.adopted", "another-id")).Expect(1).ExpectSaid("Resource already managed by Terraform");
    }

    [Fact]
    public async Task A_lock_that_somebody_has_left_behind_is_broken_by_its_name()
    {
        var (workspace, cli) = await AppliedAsync();
        using var _ = cli;
        await workspace.LockAsync();

        (await cli.RunAsync("state", "rm", "terraform_data.first")).Expect(1)
            .ExpectSaid("Error acquiring the state lock").ExpectSaid($"{workspace.Organization}/{workspace.Name}");
        (await cli.RunAsync("force-unlock", "-force", "someone/else")).Expect(1);
        Assert.True(await workspace.IsLockedAsync());
        (await cli.RunAsync("force-unlock", "-force", $"{workspace.Organization}/{workspace.Name}")).Expect(0).ExpectSaid("successfully unlocked");

        Assert.False(await workspace.IsLockedAsync());
        (await cli.RunAsync("state", "rm", "terraform_data.first")).Expect(0);
        (await cli.RunAsync("force-unlock", "-force", $"{workspace.Organization}/{workspace.Name}")).Expect(1).ExpectSaid("already unlocked");
    }

    [Fact]
    public async Task A_state_is_written_by_a_terraform_that_the_workspaces_version_allows()
    {
        var (workspace, cli) = await AppliedAsync();
        using var _ = cli;
        var platform = await SharedPlatforms.OfAsync();
        var here = platform.Get<TerraformEngine>().Version.Split('.');
        async Task WantAsync(string version) => (await platform.Api.PatchAsync(
            $"workspaces/{workspace.Id}", ApiClient.Document("workspaces", new JsonObject { ["terraform-version"] = version }))).Expect(200);

        await WantAsync($"~> {here[0]}.{here[1]}.0");
        (await cli.RunAsync("taint", "terraform_data.first")).Expect(0);
        await WantAsync("~> 1.3.0");
        (await cli.RunAsync("untaint", "terraform_data.first")).Expect(1).ExpectSaid("does not meet the version requirements for remote workspace");
        (await cli.RunAsync("untaint", "-ignore-remote-version", "terraform_data.first")).Expect(0);

        Assert.Equal(["terraform_data.first", "terraform_data.second"], await workspace.ResourcesAsync());
        Assert.False(await workspace.IsLockedAsync());
    }

    private static async Task<(TestWorkspace Workspace, TerraformCli Cli)> AppliedAsync()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync(Two);
        await workspace.ApplyAsync();
        var cli = new TerraformCli(platform);
        await cli.InitAsync(workspace, Two);
        return (workspace, cli);
    }
}
