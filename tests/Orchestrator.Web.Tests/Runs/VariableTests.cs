using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

public sealed class VariableTests
{
    [Theory, EachDatabase]
    public async Task Variables_reach_terraform_as_they_were_meant(DatabaseProvider provider)
    {
        const string Awkward = "a \"quoted\" ${not_a_template} %{nor_this} \\ back\nnew line\tÄ€𝄞 $$";
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("text", Awkward);
        await workspace.SetAsync("list", """["a", 2, { deep = true }]""", hcl: true);
        await workspace.SetEnvironmentAsync("GREETING", Awkward);
        await workspace.SetEnvironmentAsync("TF_VAR_from_environment", "set as TF_VAR");
        await workspace.UploadAsync("""
            variable "text" { type = string }
            variable "list" { type = any }
            variable "from_environment" { type = string }
            resource "terraform_data" "one" {
              provisioner "local-exec" { command = "printf '%s' \"$GREETING\" | base64 -w0" }
            }
            output "text" { value = var.text }
            output "list" { value = var.list }
            output "from_environment" { value = var.from_environment }
            """);

        var run = await workspace.ApplyAsync();

        Assert.Equal(Awkward, JsonSerializer.Deserialize<string>((await workspace.OutputAsync("text"))!));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""["a", 2, {"deep": true}]"""), JsonNode.Parse((await workspace.OutputAsync("list"))!)));
        Assert.Equal("\"set as TF_VAR\"", await workspace.OutputAsync("from_environment"));
        Assert.Contains(
            Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Awkward)), await run.LogAsync("apply"), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_sensitive_value_is_masked_in_every_form_a_log_may_show_it_in(DatabaseProvider provider)
    {
        const string Secret = "hunter2 \"and\" <more> & /slashes+plus=";
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("secret", Secret, sensitive: true);
        await workspace.SetAsync("MY_SECRET", "planted-secret-environment-4711", "env", sensitive: true);
        await workspace.UploadAsync("""
            variable "secret" { type = string }
            resource "terraform_data" "one" {
              input = var.secret
              provisioner "local-exec" {
                command     = "printf 'raw %s\njson %s\nbase64 %s\nshifted %s\nurl %s\nenv %s\nthe %s\n' \"$RAW\" \"$JSON\" \"$BASE64\" \"$SHIFTED\" \"$URL\" \"$MY_SECRET\" end"
                environment = {
                  RAW     = var.secret
                  JSON    = jsonencode({ value = var.secret })
                  BASE64  = base64encode(var.secret)
                  SHIFTED = base64encode("x${var.secret}y")
                  URL     = urlencode(var.secret)
                }
              }
            }
            """);

        var run = await workspace.ApplyAsync();
        var plan = await run.LogAsync("plan");
        var apply = await run.LogAsync("apply");

        Assert.Contains("the end", apply, StringComparison.Ordinal);
        foreach (var form in new[]
        {
            "hunter2", "planted-secret-environment-4711", Uri.EscapeDataString(Secret), "hunter2+",
            Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Secret))[..16],
            Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("x" + Secret + "y"))[4..20],
        })
        {
            Assert.DoesNotContain(form, plan, StringComparison.Ordinal);
            Assert.DoesNotContain(form, apply, StringComparison.Ordinal);
        }
        foreach (var line in new[] { "raw ***", "env ***", "base64 ***", "url ***", "\"value\":\"***\"" })
        {
            Assert.Contains(line, apply, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_sensitive_value_is_never_told_again()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("secret", "planted-secret-write-only", sensitive: true);

        var list = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/vars")).Expect(200);
        var id = list.Json["data"]![0]!["id"]!.GetValue<string>();
        var patched = (await platform.Api.PatchAsync(
            $"workspaces/{workspace.Id}/vars/{id}", ApiClient.Document("vars", new JsonObject { ["description"] = "still secret" }))).Expect(200);
        var opened = await platform.Api.PatchAsync(
            $"workspaces/{workspace.Id}/vars/{id}", ApiClient.Document("vars", new JsonObject { ["sensitive"] = false }));

        Assert.Null(list.Json["data"]![0]!["attributes"]!["value"]);
        Assert.Null(patched.Attributes["value"]);
        Assert.DoesNotContain("planted-secret-write-only", list.Text + patched.Text + opened.Text, StringComparison.Ordinal);
        opened.ExpectError(422);
    }

    [Fact]
    public async Task A_runs_own_variables_win_over_the_workspaces()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("text", "from the workspace");
        await workspace.UploadAsync("""
            variable "text" { type = string }
            output "text" { value = var.text }
            """);

        await workspace.ApplyAsync(new JsonObject
        {
            ["variables"] = new JsonArray(new JsonObject { ["key"] = "text", ["value"] = "\"from the run\"" }),
        });

        Assert.Equal("\"from the run\"", await workspace.OutputAsync("text"));
    }

    [Theory, EachDatabase]
    public async Task Terraform_gets_each_value_from_the_highest_level_that_has_one(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var project = (await workspace.ReadAsync()).RelatedId("project");
        // Each level sets its own variable and all that levels above it set.
        (string Level, JsonObject Attributes, bool OfProject, bool ToProject, bool ToWorkspace)[] sets =
        [
            ("l01", new() { ["priority"] = true, ["global"] = true }, false, false, false),
            ("l02", new() { ["priority"] = true }, false, true, false),
            ("l03", new() { ["priority"] = true }, false, false, true),
            ("l04", new() { ["priority"] = true }, true, true, false),
            ("l05", new() { ["priority"] = true }, true, false, true),
            ("l09", [], true, false, true),
            ("l10", [], true, true, false),
            ("l11", [], false, false, true),
            ("l12", [], false, true, false),
            ("l13", new() { ["global"] = true }, false, false, false),
        ];
        string[] levels = ["l01", "l02", "l03", "l04", "l05", "l06", "l08", "l09", "l10", "l11", "l12", "l13", "l14", "l15"];
        IEnumerable<string> From(string level) => levels.Where(other => string.CompareOrdinal(other, level) <= 0);
        foreach (var set in sets)
        {
            // Two global sets may not share a variable.
            var mine = set.Level == "l13" ? From(set.Level).Where(name => name != "l01") : From(set.Level);
            var variables = mine.Select(name => TestVariableSets.Variable(name, $"{{ level = \"{set.Level}\", list = [1, true] }}", hcl: true))
                .Concat(mine.Select(name => TestVariableSets.Variable(name.ToUpperInvariant(), set.Level, "env")));
            List<(string, JsonNode)> relationships = [("vars", new JsonArray([.. variables]))];
            if (set.OfProject)
            {
                relationships.Add(("parent", TestVariableSets.References("projects", project)[0]!.DeepClone()));
            }
            relationships.Add(("projects", set.ToProject ? TestVariableSets.References("projects", project) : []));
            relationships.Add(("workspaces", set.ToWorkspace ? TestVariableSets.References("workspaces", workspace.Id) : []));
            await platform.Api.CreateSetAsync(workspace.Organization, $"set {set.Level}", set.Attributes, [.. relationships]);
        }
        foreach (var name in From("l08"))
        {
            await workspace.SetAsync(name, "{ level = \"l08\", list = [1, true] }", hcl: true);
            await workspace.SetEnvironmentAsync(name.ToUpperInvariant(), "l08");
        }
        string File(string level) => string.Concat(From(level).Select(name => $"{name} = {{ level = \"{level}\", list = [1, true] }}\n"));
        await workspace.UploadAsync(Archive.Of(
            ("main.tf", string.Concat(levels.Select(name => $$"""
                variable "{{name}}" { type = object({ level = string, list = tuple([number, bool]) }) }
                output "{{name}}" { value = var.{{name}} }

                """)) + """
                resource "terraform_data" "environment" {
                  provisioner "local-exec" { command = "echo env:$L01:$L02:$L03:$L04:$L05:$L06:$L08:$L09:$L10:$L11:$L12:$L13:" }
                }
                """),
            ("terraform.tfvars", File("l15")),
            ("mine.auto.tfvars", File("l14"))));

        var run = await workspace.ApplyAsync(new JsonObject
        {
            ["variables"] = new JsonArray([.. From("l06").Select(name => new JsonObject { ["key"] = name, ["value"] = "{ level = \"l06\", list = [1, true] }" })]),
        });

        foreach (var level in levels)
        {
            Assert.True(JsonNode.DeepEquals(
                new JsonObject { ["level"] = level, ["list"] = new JsonArray(1, true) }, JsonNode.Parse((await workspace.OutputAsync(level))!)), level);
        }
        // A run has no environment variables of its own.
        Assert.Contains("env:l01:l02:l03:l04:l05:l08:l08:l09:l10:l11:l12:l13:", await run.LogAsync("apply"), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_runs_values_are_those_of_its_sets_when_it_was_started(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var set = await platform.Api.CreateSetAsync(
            workspace.Organization, "set", new JsonObject { ["global"] = true }, ("vars", new JsonArray(TestVariableSets.Variable("text", "at the start"))));
        await workspace.UploadAsync("""
            variable "text" { type = string }
            output "text" { value = var.text }
            """);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });

        (await platform.Api.DeleteAsync($"varsets/{set}")).Expect(204);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).Expect(200);
        await run.ReachAsync("applied");

        Assert.Equal("\"at the start\"", await workspace.OutputAsync("text"));
    }

    [Theory]
    [InlineData("terraform.tfvars")]
    [InlineData("zzz.auto.tfvars")]
    [InlineData("~~~.auto.tfvars")]
    public async Task Values_in_the_archive_lose_against_the_workspaces(string file)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("text", "from the workspace");
        await workspace.UploadAsync(Archive.Of(
            ("main.tf", """
                variable "text" { type = string }
                variable "other" { type = string }
                output "text" { value = var.text }
                output "other" { value = var.other }
                """),
            (file, "text = \"from the archive\"\nother = \"only in the archive\"\n")));

        await workspace.ApplyAsync();

        Assert.Equal("\"from the workspace\"", await workspace.OutputAsync("text"));
        Assert.Equal("\"only in the archive\"", await workspace.OutputAsync("other"));
    }

    [Fact]
    public async Task A_run_keeps_the_values_it_was_started_with()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("text", "at the start");
        await workspace.UploadAsync("""
            variable "text" { type = string }
            output "text" { value = var.text }
            """);
        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/lock")).Expect(200);
        var run = await workspace.StartAsync(new JsonObject { ["auto-apply"] = true });
        var id = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/vars")).Json["data"]![0]!["id"]!.GetValue<string>();
        (await platform.Api.PatchAsync($"workspaces/{workspace.Id}/vars/{id}", ApiClient.Document("vars", new JsonObject { ["value"] = "later" }))).Expect(200);

        (await platform.Api.PostAsync($"workspaces/{workspace.Id}/actions/unlock")).Expect(200);
        await run.ReachAsync("applied");

        Assert.Equal("\"at the start\"", await workspace.OutputAsync("text"));
    }

    [Fact]
    public async Task No_variable_can_take_the_platforms_controls()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetEnvironmentAsync("TF_FORCE_LOCAL_BACKEND", "");
        await workspace.SetEnvironmentAsync("HOME", "/nowhere");
        await workspace.SetEnvironmentAsync("TF_TOKEN_orchestrator_internal", "not-the-token");
        await workspace.SetEnvironmentAsync("ORCHESTRATOR_RUN_ID", "run-of-somebody-else");
        await workspace.UploadAsync("""
            resource "terraform_data" "one" {
              provisioner "local-exec" { command = "echo home=$HOME id=$ORCHESTRATOR_RUN_ID" }
            }
            """);

        var run = await workspace.ApplyAsync();

        Assert.Contains($"id={run.Id}", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.DoesNotContain("/nowhere", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.Equal(["terraform_data.one"], await workspace.ResourcesAsync());
    }
}
