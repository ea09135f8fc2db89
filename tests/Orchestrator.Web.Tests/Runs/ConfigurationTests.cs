using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

public sealed class ConfigurationTests
{
    private const string OneThing = """resource "terraform_data" "one" { input = "made" }""";

    [Theory, EachDatabase]
    public async Task Invalid_hcl_errors_the_run_with_terraforms_own_message(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("resource \"terraform_data\" \"one\" {\n  input = \n}\n");

        var run = await workspace.StartAsync();
        await run.ReachAsync("errored");

        Assert.Contains("Invalid expression", await run.LogAsync("plan"), StringComparison.Ordinal);
        Assert.Equal("errored", (await run.PlanAsync()).Attributes["status"]!.GetValue<string>());
        Assert.False(await workspace.IsLockedAsync());
    }

    [Fact]
    public async Task A_plan_that_fails_is_errored_with_terraforms_own_message()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""
            resource "terraform_data" "one" {
              lifecycle {
                precondition {
                  condition     = 1 == terraform_data.other.id
                  error_message = "One is not the other."
                }
              }
            }
            resource "terraform_data" "other" {
              input = file("there-is-no-such-file")
            }
            """);

        var run = await workspace.StartAsync();
        var errored = await run.ReachAsync("errored");

        Assert.Contains("could not make a plan", errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("there-is-no-such-file", await run.LogAsync("plan"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terraform_runs_in_the_workspaces_working_directory()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["working-directory"] = "/envs/prod/" });
        await workspace.UploadAsync(Archive.Of(
            ("envs/prod/main.tf", """
                module "shared" {
                  source = "../../modules/shared"
                }
                output "said" { value = module.shared.said }
                """),
            ("modules/shared/main.tf", """output "said" { value = file("${path.module}/words.txt") }"""),
            ("modules/shared/words.txt", "from the module")));

        await workspace.ApplyAsync(new JsonObject { ["allow-empty-apply"] = true });

        Assert.Equal("\"from the module\"", await workspace.OutputAsync("said"));
    }

    [Fact]
    public async Task A_missing_working_directory_errors_the_run_with_a_sentence()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["working-directory"] = "envs/prod" });
        await workspace.UploadAsync(OneThing);

        var run = await workspace.StartAsync();
        var errored = await run.ReachAsync("errored");

        Assert.Contains("'envs/prod' is not in the configuration", errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("'envs/prod' is not in the configuration", await run.LogAsync("plan"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""
        terraform {
          backend "s3" {
            bucket = "nowhere"
            key    = "nothing"
            region = "eu-central-1"
          }
        }
        """)]
    [InlineData("""
        terraform {
          cloud {
            organization = "somebody-else"
            workspaces {
              name = "elsewhere"
            }
          }
        }
        """)]
    [InlineData("""
        terraform {
          backend "local" {
            path = "/tmp/state-of-mine.tfstate"
          }
        }
        """)]
    public async Task A_configuration_with_a_backend_of_its_own_keeps_its_state_in_the_platform(string backend)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync(Archive.Of(("main.tf", OneThing), ("backend.tf", backend)));

        await workspace.ApplyAsync();

        Assert.Equal(["terraform_data.one"], await workspace.ResourcesAsync());
        Assert.False(File.Exists("/tmp/state-of-mine.tfstate"));
    }

    [Theory]
    [InlineData("zz_override.tf")]
    [InlineData("~~_override.tf")]
    [InlineData("\u00fc_override.tf")]
    public async Task An_override_file_in_the_archive_cannot_turn_the_state_away(string name)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync(Archive.Of(("main.tf", OneThing), (name, """
            terraform {
              backend "local" {
                path = "state-of-mine.tfstate"
              }
            }
            """)));

        await workspace.ApplyAsync();

        Assert.Equal(["terraform_data.one"], await workspace.ResourcesAsync());
    }

    [Fact]
    public async Task An_uploaded_local_state_is_not_looked_at()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync(Archive.Of(("main.tf", OneThing), ("terraform.tfstate", """
            {"version":4,"terraform_version":"1.11.4","serial":7,"lineage":"a-lineage","outputs":{},"resources":[]}
            """)));

        await workspace.ApplyAsync();

        Assert.NotEqual("a-lineage", (await workspace.StateAsync())!["lineage"]!.GetValue<string>());
    }

    [Theory, EachDatabase]
    public async Task Terraform_sees_the_workspaces_name_and_the_runs_particulars(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""
            resource "terraform_data" "one" {
              provisioner "local-exec" { command = "echo \"$TFC_RUN_ID|$TFC_WORKSPACE_NAME|$TFC_WORKSPACE_SLUG|$TFC_PROJECT_NAME\"" }
            }
            output "workspace" { value = terraform.workspace }
            """);

        var run = await workspace.ApplyAsync();

        Assert.Equal($"\"{workspace.Name}\"", await workspace.OutputAsync("workspace"));
        Assert.Contains(
            $"{run.Id}|{workspace.Name}|{workspace.Organization}/{workspace.Name}|Default Project",
            await run.LogAsync("apply"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Terraform_is_told_how_far_its_heap_may_grow_unless_the_workspace_says_so_itself()
    {
        await using var platform = await Platform.StartAsync(DatabaseProvider.Sqlite, ("Orchestrator:Worker:MaxConcurrentRuns", "1"));
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync("""
            resource "terraform_data" "one" {
              triggers_replace = timestamp()
              provisioner "local-exec" { command = "echo \"[$GOGC|$${GOMEMLIMIT:+set}]\"" }
            }
            """);

        var first = await workspace.ApplyAsync();
        await workspace.SetEnvironmentAsync("GOGC", "50");
        var second = await workspace.ApplyAsync();

        Assert.Contains("[800|set]", await first.LogAsync("apply"), StringComparison.Ordinal);
        Assert.Contains("[50|set]", await second.LogAsync("apply"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_that_asks_for_another_terraform_hears_which_one_there_is()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["terraform-version"] = "1.5.7" });
        await workspace.UploadAsync(OneThing);

        var run = await workspace.StartAsync();
        var errored = await run.ReachAsync("errored");

        Assert.Contains("The workspace asks for terraform 1.5.7, and this worker has 1.11.", errored.Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("asks for terraform 1.5.7", await run.LogAsync("plan"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_uses_the_configuration_it_names_and_not_a_newer_one()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var old = await workspace.UploadAsync("""output "which" { value = "old" }""");
        await workspace.UploadAsync("""output "which" { value = "new" }""");

        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true }, old);
        await run.ReachAsync("applied");

        Assert.Equal("\"old\"", await workspace.OutputAsync("which"));
    }

    [Fact]
    public async Task A_speculative_configuration_is_only_planned()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["auto-apply"] = true });
        var speculative = await workspace.UploadAsync(
            Archive.Of(("main.tf", OneThing)), new JsonObject { ["auto-queue-runs"] = false, ["speculative"] = true });

        var run = await workspace.StartAsync(configuration: speculative);
        var finished = await run.ReachAsync("planned_and_finished");

        Assert.True(finished.Attributes["plan-only"]!.GetValue<bool>());
        Assert.Null(await workspace.StateAsync());
    }
}
