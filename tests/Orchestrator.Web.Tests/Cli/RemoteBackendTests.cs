using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Cli;

/// <summary>The backend that was there before the <c>cloud</c> block: it asks in other words, and confirms what it applies itself.</summary>
public sealed class RemoteBackendTests
{
    private const string Two = """
        variable "who" { default = "world" }
        resource "terraform_data" "first" { input = "Hello ${var.who}" }
        resource "terraform_data" "second" { input = "Goodbye" }
        output "greeting" { value = terraform_data.first.output }
        """;

    [Fact]
    public async Task One_workspace_by_its_name_plans_and_applies()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var cli = new TerraformCli(platform);
        Write(cli, workspace.Organization, $"name = \"{workspace.Name}\"");
        (await cli.RunAsync("init", "-input=false")).Expect(0);

        (await cli.RunAsync("plan")).Expect(0).ExpectSaid("Plan: 2 to add");
        (await cli.RunAsync("apply", "-auto-approve", "-target=terraform_data.first")).Expect(0).ExpectSaid("Resources: 1 added");
        await using (var apply = cli.Start("apply"))
        {
            await apply.WaitForAsync("Enter a value:");
            await apply.AnswerAsync("yes");
            (await apply.EndAsync()).Expect(0).ExpectSaid("Resources: 1 added");
        }

        var runs = await workspace.RunsAsync();
        Assert.Equal(2, runs.Count);
        Assert.Equal("terraform", (await runs[0].ReadAsync()).Attributes["source"]!.GetValue<string>());
        Assert.Equal(2, (await workspace.ResourcesAsync()).Count);
        Assert.Equal("Hello world", (await cli.RunAsync("output", "-raw", "greeting")).Expect(0).Output);
        (await cli.RunAsync("apply", "-auto-approve", "-replace=terraform_data.second", "-refresh=false")).Expect(0).ExpectSaid("1 added, 0 changed, 1 destroyed");
        (await cli.RunAsync("plan", "-refresh-only")).Expect(0).ExpectSaid("No changes.");
        cli.Write("before.tfstate", (await cli.RunAsync("state", "pull")).Expect(0).Output);
        (await cli.RunAsync("state", "rm", "terraform_data.second")).Expect(0);
        Assert.Equal(["terraform_data.first"], await workspace.ResourcesAsync());
        (await cli.RunAsync("state", "push", "before.tfstate")).Expect(1).ExpectSaid("over newer state with serial");
        (await cli.RunAsync("state", "push", "-force", "before.tfstate")).Expect(0);
        Assert.Equal(2, (await workspace.ResourcesAsync()).Count);
        (await cli.RunAsync("destroy", "-auto-approve")).Expect(0).ExpectSaid("2 destroyed");
    }

    [Fact]
    public async Task Workspaces_of_a_prefix_are_made_listed_selected_and_deleted_under_their_short_names()
    {
        var platform = await SharedPlatforms.OfAsync();
        var first = await TestWorkspace.CreateAsync(platform.Api, name: "app-one");
        await TestWorkspace.CreateAsync(platform.Api, organization: first.Organization, name: "other-app-one");
        using var cli = new TerraformCli(platform);
        Write(cli, first.Organization, "prefix = \"app-\"");

        // The only one there is, is taken without a question.
        (await cli.RunAsync("init", "-input=false")).Expect(0);
        (await cli.RunAsync("workspace", "new", "two")).Expect(0);
        Assert.Equal("app-two", (await platform.Api.GetAsync($"organizations/{first.Organization}/workspaces/app-two")).Expect(200).Attributes["name"]!.ToString());
        var list = (await cli.RunAsync("workspace", "list")).Expect(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(["one", "* two"], list);
        (await cli.RunAsync("plan")).Expect(0).ExpectSaid("Plan: 2 to add");

        (await cli.RunAsync("workspace", "select", "one")).Expect(0);
        (await cli.RunAsync("workspace", "delete", "two")).Expect(0);
        (await platform.Api.GetAsync($"organizations/{first.Organization}/workspaces/app-two")).ExpectError(404);
    }

    [Fact]
    public async Task Outputs_of_one_workspace_are_read_by_any_configuration_through_terraform_remote_state()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""output "word" { value = { nested = ["shared"] } }""");
        await workspace.ApplyAsync();
        using var cli = new TerraformCli(platform);
        cli.Write("main.tf", $$"""
            data "terraform_remote_state" "other" {
              backend = "remote"
              config = {
                hostname     = "{{cli.Host}}"
                organization = "{{workspace.Organization}}"
                workspaces   = { name = "{{workspace.Name}}" }
              }
            }
            output "read" { value = data.terraform_remote_state.other.outputs.word.nested[0] }
            """);

        (await cli.RunAsync("init", "-input=false")).Expect(0);

        (await cli.RunAsync("apply", "-auto-approve")).Expect(0).ExpectSaid("read = \"shared\"");
    }

    private static void Write(TerraformCli cli, string organization, string workspaces) => cli.Write("main.tf", Two + $$"""

        terraform {
          backend "remote" {
            hostname     = "{{cli.Host}}"
            organization = "{{organization}}"
            workspaces { {{workspaces}} }
          }
        }
        """);
}
