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
        await workspace.SetAsync("MY_SECRET", "an-environment-secret-4711", "env", sensitive: true);
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
            "hunter2", "an-environment-secret-4711", Uri.EscapeDataString(Secret), "hunter2+",
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
        await workspace.SetAsync("secret", "write-only-value", sensitive: true);

        var list = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/vars")).Expect(200);
        var id = list.Json["data"]![0]!["id"]!.GetValue<string>();
        var patched = (await platform.Api.PatchAsync(
            $"workspaces/{workspace.Id}/vars/{id}", ApiClient.Document("vars", new JsonObject { ["description"] = "still secret" }))).Expect(200);
        var opened = await platform.Api.PatchAsync(
            $"workspaces/{workspace.Id}/vars/{id}", ApiClient.Document("vars", new JsonObject { ["sensitive"] = false }));

        Assert.Null(list.Json["data"]![0]!["attributes"]!["value"]);
        Assert.Null(patched.Attributes["value"]);
        Assert.DoesNotContain("write-only-value", list.Text + patched.Text + opened.Text, StringComparison.Ordinal);
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
