using System.Text.Json.Nodes;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Cli;

/// <summary>Remote operations, as the real terraform carries them out.</summary>
public sealed class RemoteRunTests
{
    private const string Two = """
        variable "who" { default = "world" }
        resource "terraform_data" "first" { input = "Hello ${var.who}" }
        resource "terraform_data" "second" { input = "Goodbye" }
        output "greeting" { value = terraform_data.first.output }
        """;

    [Fact]
    public async Task A_plan_streams_its_log_and_its_exit_code_tells_whether_there_are_changes()
    {
        var (workspace, cli) = await ReadyAsync(Two);
        using var _ = cli;

        var plan = (await cli.RunAsync("plan", "-input=false", "-var", "who=bob")).Expect(0);
        plan.ExpectSaid("Hello bob").ExpectSaid("Plan: 2 to add, 0 to change, 0 to destroy.");
        (await cli.RunAsync("plan", "-detailed-exitcode")).Expect(2);

        // What only looks is in no list.
        Assert.Empty(await workspace.RunsAsync());
        Assert.Null(await workspace.StateAsync());
    }

    [Fact]
    public async Task An_apply_asks_and_does_as_it_is_told()
    {
        var (workspace, cli) = await ReadyAsync(Two);
        using var _ = cli;

        await using (var no = cli.Start("apply"))
        {
            await no.WaitForAsync("Enter a value:");
            await no.AnswerAsync("no");
            (await no.EndAsync()).Expect(1).ExpectSaid("Apply discarded.");
        }
        Assert.Null(await workspace.StateAsync());
        Assert.Equal("discarded", await Assert.Single(await workspace.RunsAsync()).StatusAsync());

        await using (var yes = cli.Start("apply"))
        {
            await yes.WaitForAsync("Enter a value:");
            await yes.AnswerAsync("yes");
            (await yes.EndAsync()).Expect(0).ExpectSaid("Apply complete! Resources: 2 added, 0 changed, 0 destroyed.");
        }
        Assert.Equal("\"Hello world\"", await workspace.OutputAsync("greeting"));

        (await cli.RunAsync("apply")).Expect(0).ExpectSaid("No changes.");
        (await cli.RunAsync("plan", "-detailed-exitcode")).Expect(0);
    }

    [Fact]
    public async Task Applies_without_a_question_take_variables_targets_replacements_refreshes_and_destroys()
    {
        var (workspace, cli) = await ReadyAsync(Two);
        using var _ = cli;
        cli.Set("TF_VAR_who", "environment");

        (await cli.RunAsync("apply", "-auto-approve", "-target=terraform_data.first")).Expect(0).ExpectSaid("1 added, 0 changed, 0 destroyed");
        Assert.Equal(["terraform_data.first"], await workspace.ResourcesAsync());
        Assert.Equal("\"Hello environment\"", await workspace.OutputAsync("greeting"));
        (await cli.RunAsync("apply", "-auto-approve")).Expect(0).ExpectSaid("1 added, 0 changed, 0 destroyed");
        (await cli.RunAsync("apply", "-auto-approve", "-replace=terraform_data.second")).Expect(0).ExpectSaid("1 added, 0 changed, 1 destroyed");
        (await cli.RunAsync("apply", "-auto-approve", "-refresh-only")).Expect(0);
        (await cli.RunAsync("apply", "-auto-approve", "-var", "who=line")).Expect(0).ExpectSaid("0 added, 1 changed, 0 destroyed");
        (await cli.RunAsync("destroy", "-auto-approve")).Expect(0).ExpectSaid("2 destroyed");

        Assert.Empty(await workspace.ResourcesAsync());
    }

    [Fact]
    public async Task A_plan_is_shown_once_also_where_a_workspace_wants_it_structured()
    {
        var platform = await SharedPlatforms.OfAsync();
        // As the tfe provider makes workspaces.
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["structured-run-output-enabled"] = true });
        using var cli = new TerraformCli(platform);
        await cli.InitAsync(workspace, Two);

        var plan = (await cli.RunAsync("plan", "-out=saved.plan")).Expect(0);

        Assert.Equal(2, plan.Output.Split("Plan: 2 to add, 0 to change, 0 to destroy.").Length);
        Assert.True((await workspace.ReadAsync()).Attributes["structured-run-output-enabled"]!.GetValue<bool>());
        (await cli.RunAsync("show", "saved.plan")).Expect(0).ExpectSaid("Plan: 2 to add");
        (await cli.RunAsync("apply", "saved.plan")).Expect(0).ExpectSaid("Resources: 2 added");
    }

    [Fact]
    public async Task Values_come_from_files_lines_and_the_environment_in_terraforms_own_order()
    {
        var (workspace, cli) = await ReadyAsync("""
            variable "file" {}
            variable "automatic" {}
            variable "named" {}
            variable "environment" {}
            variable "line" {}
            variable "workspace" {}
            variable "list" { type = list(string) }
            output "all" { value = join(" ", concat([var.file, var.automatic, var.named, var.environment, var.line, var.workspace], var.list)) }
            """);
        using var _ = cli;
        await workspace.SetAsync("workspace", "6");
        await workspace.SetAsync("line", "overridden");
        cli.Write("terraform.tfvars", "file = 1\nautomatic = \"overridden\"");
        cli.Write("more.auto.tfvars", "automatic = 2");
        cli.Write("named.tfvars", "named = 3\nline = \"overridden\"");
        cli.Set("TF_VAR_environment", "4");
        cli.Set("TF_VAR_line", "overridden");

        (await cli.RunAsync("plan", "-var-file=named.tfvars", "-var", "line=5", "-var", "list=[\"7\", \"8\"]")).Expect(0)
            .ExpectSaid("+ all = \"1 2 3 4 5 6 7 8\"");
    }

    [Fact]
    public async Task A_refresh_asks_before_it_writes_what_it_has_found_and_changes_nothing_else()
    {
        var (workspace, cli) = await ReadyAsync(Two);
        using var _ = cli;
        await workspace.UploadAsync(Two);
        await workspace.ApplyAsync();
        var before = (await workspace.StateAsync())!;
        cli.Write("main.tf", Two.Replace("terraform_data.first.output", "\"found: ${terraform_data.first.output}\"", StringComparison.Ordinal));

        await using (var refresh = cli.Start("apply", "-refresh-only"))
        {
            await refresh.WaitForAsync("Enter a value:");
            await refresh.AnswerAsync("yes");
            (await refresh.EndAsync()).Expect(0).ExpectSaid("0 added, 0 changed, 0 destroyed");
        }

        Assert.Equal("\"found: Hello world\"", await workspace.OutputAsync("greeting"));
        Assert.Equal(before["resources"]!.ToJsonString(), (await workspace.StateAsync())!["resources"]!.ToJsonString());
        (await cli.RunAsync("plan", "-destroy")).Expect(0).ExpectSaid("Plan: 0 to add, 0 to change, 2 to destroy.");
    }

    [Fact]
    public async Task A_saved_plan_is_applied_later_and_only_to_the_state_that_it_was_made_for()
    {
        var (workspace, cli) = await ReadyAsync(Two);
        using var _ = cli;

        (await cli.RunAsync("plan", "-out=first.plan")).Expect(0);
        (await cli.RunAsync("show", "first.plan")).Expect(0).ExpectSaid("Plan: 2 to add, 0 to change, 0 to destroy.").ExpectSaid("Hello world");
        var plan = JsonNode.Parse((await cli.RunAsync("show", "-json", "first.plan")).Expect(0).Output)!;
        Assert.Equal(2, plan["resource_changes"]!.AsArray().Count);
        (await cli.RunAsync("plan", "-out=second.plan")).Expect(0);
        (await cli.RunAsync("apply", "first.plan")).Expect(0).ExpectSaid("Resources: 2 added");

        Assert.Equal(2, (await workspace.ResourcesAsync()).Count);
        Assert.NotEqual(0, (await cli.RunAsync("apply", "second.plan")).Code);
        Assert.Equal(2, (await workspace.ResourcesAsync()).Count);
    }

    [Fact]
    public async Task A_plan_and_an_apply_that_fail_say_so_and_end_with_one()
    {
        // A run that has failed before the CLI looks at it again is not followed into its apply: this one takes a moment.
        var (workspace, cli) = await ReadyAsync("""
            variable "broken" { default = false }
            resource "terraform_data" "one" {
              input = "made"
              provisioner "local-exec" { command = "sleep 3; exit 7" }
              lifecycle {
                precondition {
                  condition     = !var.broken
                  error_message = "It must not be broken."
                }
              }
            }
            """);
        using var _ = cli;

        (await cli.RunAsync("plan", "-var", "broken=true")).Expect(1).ExpectSaid("It must not be broken.");
        (await cli.RunAsync("apply", "-auto-approve")).Expect(1).ExpectSaid("exit status 7");

        Assert.Equal(["terraform_data.one!"], await workspace.ResourcesAsync());
    }

    [Fact]
    public async Task Who_waits_for_another_run_or_for_a_lock_is_told_so()
    {
        var (workspace, cli) = await ReadyAsync(Two);
        using var _ = cli;
        var platform = await SharedPlatforms.OfAsync();
        await workspace.UploadAsync(Two);
        var holder = await workspace.StartAsync();
        await holder.ReachAsync("planned");

        await using (var waiting = cli.Start("apply", "-auto-approve"))
        {
            await waiting.WaitForAsync("Waiting for 1 run(s) to finish before being queued...");
            (await holder.ActAsync("discard")).Expect(202);
            (await waiting.EndAsync()).Expect(0).ExpectSaid("Apply complete!");
        }

        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock", new JsonObject { ["reason"] = "mine" })).Expect(200);
        await using var locked = cli.Start("apply", "-auto-approve", "-var", "who=later");
        await locked.WaitForAsync("Waiting for the manually locked workspace to be unlocked...");
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).Expect(200);
        (await locked.EndAsync()).Expect(0).ExpectSaid("0 added, 1 changed");
    }

    [Fact]
    public async Task Whoever_does_not_want_to_wait_cancels_after_the_lock_timeout()
    {
        var (workspace, cli) = await ReadyAsync(Two);
        using var _ = cli;
        await workspace.UploadAsync(Two);
        var holder = await workspace.StartAsync();
        await holder.ReachAsync("planned");

        // Between two looks at the run: interrupted during one, this version of the CLI ends without cancelling.
        (await cli.RunAsync("apply", "-auto-approve", "-lock-timeout=1500ms"))
            .ExpectSaid("Lock timeout exceeded").ExpectSaid("The remote operation was successfully cancelled.");

        var run = (await workspace.RunsAsync())[0];
        Assert.NotEqual(holder.Id, run.Id);
        await run.ReachAsync("canceled");
        (await holder.ActAsync("discard")).Expect(202);
    }

    [Fact]
    public async Task Ctrl_c_stops_an_apply_and_what_it_has_made_is_in_the_state()
    {
        var (workspace, cli) = await ReadyAsync(Sample("long-running"));
        using var _ = cli;

        await using var apply = cli.Start("apply", "-auto-approve");
        // Said while it is done, not afterwards.
        await apply.WaitForAsync("step 1 of 60");
        var run = Assert.Single(await workspace.RunsAsync());
        Assert.Equal("applying", await run.StatusAsync());
        await apply.InterruptAsync();
        (await apply.EndAsync()).ExpectSaid("The remote operation was successfully cancelled.");

        await run.ReachAsync("canceled");
        Assert.Contains("terraform_data.quick[0]", await workspace.ResourcesAsync());
        Assert.False(await workspace.IsLockedAsync());
    }

    [Fact]
    public async Task Ctrl_c_twice_leaves_the_run_to_itself_and_somebody_else_stops_it()
    {
        var (workspace, cli) = await ReadyAsync(Sample("long-running"));
        using var _ = cli;

        await using var apply = cli.Start("apply");
        await apply.WaitForAsync("Enter a value:");
        await apply.AnswerAsync("yes");
        await apply.WaitForAsync("step 1 of 60");
        await apply.InterruptAsync();
        await apply.WaitForAsync("Do you want to cancel the remote operation?");
        // Instead of an answer. Terraform itself never asks for more than a cancel. Which of its two sentences about it comes first is its own race.
        await apply.InterruptAsync();
        (await apply.EndAsync()).Expect(1).ExpectSaid("nterrupt");

        var run = Assert.Single(await workspace.RunsAsync());
        Assert.Equal("applying", await run.StatusAsync());
        (await run.ActAsync("cancel")).Expect(202);
        await run.ReachAsync("canceled");
        Assert.False(await workspace.IsLockedAsync());
    }

    [Fact]
    public async Task Ctrl_c_asks_first_where_somebody_can_be_asked_and_a_run_that_does_not_stop_is_killed()
    {
        var platform = await Platform.StartAsync(settings: ("Orchestrator:Runs:ForceCancelAfter", "00:00:00"));
        await using var _ = platform;
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var cli = new TerraformCli(platform);
        // Terraform waits for its provisioner, and this one does not hear an interrupt.
        await cli.InitAsync(workspace, """
            resource "terraform_data" "stubborn" {
              provisioner "local-exec" {
                interpreter = ["/bin/sh", "-c"]
                command     = "trap '' INT TERM; i=0; while [ $i -lt 300 ]; do i=$((i+1)); echo stubborn $i; sleep 1; done"
              }
            }
            """);

        await using var apply = cli.Start("apply");
        await apply.WaitForAsync("Enter a value:");
        await apply.AnswerAsync("yes");
        await apply.WaitForAsync("stubborn 2");
        await apply.InterruptAsync();
        await apply.WaitForAsync("Do you want to cancel the remote operation?");
        await apply.AnswerAsync("yes");
        var run = Assert.Single(await workspace.RunsAsync());
        await Wait.ForAsync("the run to be offered for a force-cancel", async () =>
            (await run.ReadAsync()).Attributes["actions"]!["is-force-cancelable"]!.GetValue<bool>() ? "" : null);

        (await run.ActAsync("force-cancel")).Expect(202);

        var killed = await run.ReachAsync("canceled");
        Assert.NotNull(killed.Attributes["status-timestamps"]!["force-canceled-at"]);
        Assert.False(await workspace.IsLockedAsync());
        Assert.Empty(Orchestrator.Terraform.ProcessTree.Find(run.Id));
        await apply.EndAsync();
    }

    [Fact]
    public async Task A_workspace_that_is_not_there_is_made_by_its_first_init()
    {
        var platform = await SharedPlatforms.OfAsync();
        var beside = await TestWorkspace.CreateAsync(platform.Api);
        using var cli = new TerraformCli(platform);
        var name = TestWorkspace.NewName("new");
        cli.WriteCloud(beside.Organization, $"name = \"{name}\"");
        cli.Write("main.tf", Two);

        (await cli.RunAsync("init", "-input=false")).Expect(0);
        (await cli.RunAsync("apply", "-auto-approve")).Expect(0).ExpectSaid("Apply complete!");

        var made = (await platform.Api.GetAsync($"organizations/{beside.Organization}/workspaces/{name}")).Expect(200);
        Assert.Equal("remote", made.Attributes["execution-mode"]!.GetValue<string>());
    }

    [Fact]
    public async Task Configuration_is_generated_for_what_is_imported_and_the_import_is_applied()
    {
        var (workspace, cli) = await ReadyAsync("""
            import {
              to = terraform_data.adopted
              id = "an-id"
            }
            """);
        using var _ = cli;

        (await cli.RunAsync("plan", "-generate-config-out=generated.tf")).Expect(0).ExpectSaid("1 to import");
        Assert.Contains("resource \"terraform_data\" \"adopted\"", cli.Read("generated.tf"), StringComparison.Ordinal);
        var run = (await workspace.RunsAsync("plan_only"))[0];
        Assert.True((await run.PlanAsync()).Attributes["generated-configuration"]!.GetValue<bool>());

        (await cli.RunAsync("apply", "-auto-approve")).Expect(0).ExpectSaid("1 imported, 0 added, 0 changed, 0 destroyed");
        Assert.Equal(["terraform_data.adopted"], await workspace.ResourcesAsync());
    }

    private static string Sample(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "samples", name, "main.tf"));

    private static async Task<(TestWorkspace Workspace, TerraformCli Cli)> ReadyAsync(string configuration)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var cli = new TerraformCli(platform);
        await cli.InitAsync(workspace, configuration);
        return (workspace, cli);
    }
}
