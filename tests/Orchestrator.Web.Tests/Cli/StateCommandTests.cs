using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Cli;

public sealed class StateCommandTests
{
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
}
