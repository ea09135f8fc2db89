using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed partial class PlanSummaryTests
{
    private const string Before = """
        resource "terraform_data" "changed" { input = "before" }
        resource "terraform_data" "replaced" { triggers_replace = "before" }
        resource "terraform_data" "deleted" { count = 2 }
        resource "terraform_data" "old_name" {}
        """;

    private const string After = """
        resource "terraform_data" "created" { count = 3 }
        resource "terraform_data" "changed" { input = "after" }
        resource "terraform_data" "replaced" { triggers_replace = "after" }
        resource "terraform_data" "new_name" {}
        moved {
          from = terraform_data.old_name
          to   = terraform_data.new_name
        }
        import {
          to = terraform_data.imported
          id = "some-id"
        }
        resource "terraform_data" "imported" {}
        """;

    [Fact]
    public async Task It_counts_what_terraform_itself_counts()
    {
        using var phase = new Phase().Configure(Before);
        Assert.True((await phase.TerraformAsync("init", "-input=false")).Succeeded, phase.Output);
        Assert.True((await phase.TerraformAsync("apply", "-auto-approve", "-no-color")).Succeeded, phase.Output);
        phase.Configure(After);

        Assert.True((await phase.TerraformAsync("plan", "-out=plan.tfplan", "-detailed-exitcode", "-no-color")).HasChanges, phase.Output);
        var summary = PlanSummary.Read(await phase.JsonAsync("show", "-json", "plan.tfplan"));

        Assert.Equal(new PlanSummary(Additions: 4, Changes: 1, Destructions: 3, Imports: 1, Moves: 1), summary);
        var told = Told().Match(phase.Output);
        Assert.Equal(
            (told.Groups[1].Value, told.Groups[2].Value, told.Groups[3].Value, told.Groups[4].Value),
            ($"{summary.Imports}", $"{summary.Additions}", $"{summary.Changes}", $"{summary.Destructions}"));
    }

    [Fact]
    public async Task A_plan_without_changes_counts_nothing()
    {
        using var phase = new Phase().Configure("output \"x\" { value = 1 }");
        await phase.TerraformAsync("apply", "-auto-approve");

        Assert.True((await phase.TerraformAsync("plan", "-out=plan.tfplan", "-detailed-exitcode")).Succeeded);

        Assert.Equal(new PlanSummary(0, 0, 0, 0, 0), PlanSummary.Read(await phase.JsonAsync("show", "-json", "plan.tfplan")));
    }

    /// <summary>The built-in provider looks at nothing outside of terraform, so this is what another's plan says.</summary>
    [Fact]
    public void What_was_changed_or_removed_outside_of_terraform_is_counted_and_what_has_only_moved_is_not()
    {
        const string plan = """
            { "format_version": "1.2", "resource_drift": [
              { "mode": "managed", "address": "aws_s3_bucket.a", "change": { "actions": ["update"] } },
              { "mode": "managed", "address": "aws_s3_bucket.b", "change": { "actions": ["delete"] } },
              { "mode": "managed", "address": "aws_s3_bucket.c", "previous_address": "aws_s3_bucket.d", "change": { "actions": ["no-op"] } } ] }
            """;

        Assert.Equal(2, PlanSummary.Read(Encoding.UTF8.GetBytes(plan)).Drifted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    public void What_is_no_plan_is_said_to_be_none(string text) =>
        Assert.ThrowsAny<JsonException>(() => PlanSummary.Read(Encoding.UTF8.GetBytes(text)));

    [GeneratedRegex(@"Plan: (\d+) to import, (\d+) to add, (\d+) to change, (\d+) to destroy\.")]
    private static partial Regex Told();
}
