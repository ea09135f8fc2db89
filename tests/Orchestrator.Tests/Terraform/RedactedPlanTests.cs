using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Terraform;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Terraform;

public sealed class RedactedPlanTests
{
    private const string Before = """
        variable "old" {
          default   = "first-secret"
          sensitive = true
        }
        resource "terraform_data" "one" {
          input = { words = "plain-words", secret = var.old, list = ["same", var.old] }
        }
        output "secret" {
          value     = var.old
          sensitive = true
        }
        output "words" { value = "plain-output" }
        """;

    [Fact]
    public async Task A_plan_of_terraforms_is_told_without_its_sensitive_values()
    {
        using var phase = new Phase().Configure(Before);
        Assert.True((await phase.TerraformAsync("apply", "-auto-approve")).Succeeded, phase.Output);
        phase.Configure(Before
            .Replace("first-secret", "second-secret", StringComparison.Ordinal)
            .Replace("plain-words", "other-words", StringComparison.Ordinal));
        Assert.True((await phase.TerraformAsync("plan", "-out=plan.tfplan")).Succeeded, phase.Output);
        var plan = await phase.JsonAsync("show", "-json", "plan.tfplan");
        var schemas = ProviderSchemas.Of(await phase.JsonAsync("providers", "schema", "-json"), plan);

        var redacted = JsonNode.Parse(RedactedPlan.Of(plan, schemas))!.AsObject();

        Assert.Equal(
            ["plan_format_version", "output_changes", "resource_changes", "provider_format_version", "provider_schemas"],
            redacted.Select(member => member.Key));
        Assert.Equal(JsonNode.Parse(plan)!["format_version"]!.GetValue<string>(), redacted["plan_format_version"]!.GetValue<string>());
        var change = redacted["resource_changes"]![0]!["change"]!;
        Assert.Equal("plain-words", change["before"]!["input"]!["words"]!.GetValue<string>());
        Assert.Equal("other-words", change["after"]!["input"]!["words"]!.GetValue<string>());
        Assert.Equal("same", change["after"]!["input"]!["list"]![0]!.GetValue<string>());
        // What terraform itself does not call sensitive is not looked for here: it masks no 'output'.
        foreach (var side in new[] { "before", "after" })
        {
            Assert.DoesNotContain("-secret", change[side]!["input"]!.ToJsonString(), StringComparison.Ordinal);
            Assert.DoesNotContain("-secret", redacted["output_changes"]!.ToJsonString(), StringComparison.Ordinal);
        }
        Assert.NotEqual(
            change["before"]!["input"]!["secret"]!.GetValue<string>(), change["after"]!["input"]!["secret"]!.GetValue<string>());
        Assert.Equal("plain-output", redacted["output_changes"]!["words"]!["before"]!.GetValue<string>());
        Assert.Equal(
            ["terraform_data"],
            redacted["provider_schemas"]!["terraform.io/builtin/terraform"]!["resource_schemas"]!.AsObject().Select(schema => schema.Key));
    }

    [Theory]
    [InlineData("\"hidden\"", "\"hidden\"", "true", "true", "\"(sensitive value)\"", "\"(sensitive value)\"")]
    [InlineData("\"hidden\"", "\"other\"", "true", "true", "\"(sensitive value)\"", "\"(sensitive value, changed)\"")]
    [InlineData("null", "17", "false", "true", "null", "\"(sensitive value, changed)\"")]
    [InlineData("\"hidden\"", "\"hidden\"", "true", "false", "\"(sensitive value)\"", "\"(sensitive value)\"")]
    [InlineData("\"open\"", "\"shown\"", "false", "{}", "\"open\"", "\"shown\"")]
    [InlineData("""{"hidden":1}""", """{"hidden":2}""", "true", "true",
        """{"(sensitive value)":"(sensitive value)"}""", """{"(sensitive value)":"(sensitive value, changed)"}""")]
    [InlineData("""["hidden","hidden"]""", "null", "true", "false", """["(sensitive value)"]""", "null")]
    [InlineData("""[["open","hidden"]]""", """[["open","hidden"],["new"]]""", "[[false,true]]", "[[false,true]]",
        """[["open","(sensitive value)"]]""", """[["open","(sensitive value)"],["new"]]""")]
    [InlineData("""{"a":{"b":"hidden","c":"open"}}""", """{"a":"taken apart"}""", """{"a":{"b":true}}""", "{}",
        """{"a":{"b":"(sensitive value)","c":"open"}}""", """{"a":"taken apart"}""")]
    public void A_value_that_either_side_calls_sensitive_is_shown_on_neither(
        string before, string after, string beforeSensitive, string afterSensitive, string shownBefore, string shownAfter)
    {
        foreach (var place in new[] { "resource_changes", "resource_drift", "deferred_changes" })
        {
            var plan = $$$"""
                {"format_version":"1.2","variables":{"v":{"value":"hidden"}},"{{{place}}}":[{"resource_change":{"address":"a","change":{
                 "actions":["update"],"before":{{{before}}},"after":{{{after}}},"after_unknown":{},
                 "before_sensitive":{{{beforeSensitive}}},"after_sensitive":{{{afterSensitive}}} } } } ] }
                """;

            var change = JsonNode.Parse(RedactedPlan.Of(Encoding.UTF8.GetBytes(plan), null))![place]![0]!["resource_change"]!["change"]!;

            Assert.Equal(shownBefore, change["before"]?.ToJsonString() ?? "null");
            Assert.Equal(shownAfter, change["after"]?.ToJsonString() ?? "null");
            Assert.Equal("update", change["actions"]![0]!.GetValue<string>());
        }
    }

    [Fact]
    public void A_plan_whose_schemas_nobody_has_asked_for_has_none()
    {
        var redacted = JsonNode.Parse(RedactedPlan.Of("""{"format_version":"1.2"}"""u8.ToArray(), null))!;

        Assert.Equal("""{"plan_format_version":"1.2","provider_format_version":"1.0","provider_schemas":{}}""", redacted.ToJsonString());
    }

    [Fact]
    public void Of_all_schemas_those_of_what_changes_are_kept()
    {
        const string Schemas = """
            {"format_version":"1.0","provider_schemas":{
             "p/one":{"provider":{"block":{}},"resource_schemas":{"one_a":{"version":1},"one_b":{"version":2}},
                      "data_source_schemas":{"one_a":{"version":3}},"functions":{"f":{}}},
             "p/two":{"resource_schemas":{"two_a":{"version":4}}}}}
            """;
        const string Plan = """
            {"resource_changes":[{"provider_name":"p/one","type":"one_a"},{"provider_name":"p/one","type":"one_a"}],
             "resource_drift":[{"provider_name":"p/three","type":"three_a"}]}
            """;

        var kept = ProviderSchemas.Of(Encoding.UTF8.GetBytes(Schemas), Encoding.UTF8.GetBytes(Plan));

        Assert.Equal(
            """{"format_version":"1.0","provider_schemas":{"p/one":{"resource_schemas":{"one_a":{"version":1}},"data_source_schemas":{"one_a":{"version":3}}}}}""",
            Encoding.UTF8.GetString(kept));
    }
}
