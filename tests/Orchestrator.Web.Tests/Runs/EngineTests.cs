using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.Data;
using Orchestrator.Tests.Support;
using Orchestrator.Terraform;
using Orchestrator.Web.Pages;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Runs;

/// <summary>Engines that are not installed, from a mirror on loopback: the real terraform under other versions' names.</summary>
public sealed class EngineTests : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("orchestrator-engine-test-").FullName;

    [Fact]
    public async Task A_workspace_gets_the_engine_that_it_asks_for_and_the_plan_the_one_that_has_made_it()
    {
        var releases = new Releases().List(EngineKind.Terraform, "1.10.4", "1.10.77");
        var keys = Path.Combine(_outside, "keys.asc");
        await File.WriteAllTextAsync(keys, releases.PublicKey);
        await using var mirror = Mirror(releases);
        await mirror.StartAsync();
        var address = mirror.Urls.First();
        await using var platform = await Platform.StartAsync(DatabaseProvider.Sqlite,
            ("Orchestrator:Engines:Fetch", "WhenMissing"), ("Orchestrator:Engines:Terraform:Mirror", address), ("Orchestrator:Engines:Terraform:KeyFile", keys),
            ("Orchestrator:Engines:Tofu:Mirror", address), ("Orchestrator:Engines:Tofu:KeyFile", keys), ("Orchestrator:TofuPath", "/nowhere/tofu"));
        var installed = platform.Get<TerraformEngine>();
        releases.Publish(EngineKind.Terraform, "1.10.77", await File.ReadAllBytesAsync(installed.Path));
        var workspace = await TestWorkspace.CreateAsync(platform.Api, new JsonObject { ["terraform-version"] = "~> 1.10.0" });
        await workspace.UploadAsync("""output "answer" { value = 42 }""");

        var run = await workspace.StartAsync();
        var planned = await run.ReachAsync("planned");
        Assert.Equal(("1.10.77", "terraform"), (planned.Attributes["terraform-version"]!.GetValue<string>(), planned.Attributes["engine"]!.GetValue<string>()));
        Assert.StartsWith("Terraform v1.10.77\n", await run.LogAsync("plan"), StringComparison.Ordinal);
        (await run.ActAsync("apply")).Expect(202);
        await run.ReachAsync("applied");
        Assert.StartsWith("Terraform v1.10.77\n", await run.LogAsync("apply"), StringComparison.Ordinal);
        Assert.Equal("42", await workspace.OutputAsync("answer"));

        // The same run with what is not there, or not whole, says so where people look.
        await ErrsAsync(new JsonObject { ["terraform-version"] = "1.10.99" }, "There is no Terraform 1.10.99 in the mirror");
        await ErrsAsync(new JsonObject { ["engine"] = "tofu", ["terraform-version"] = "1.9.1" }, "There is no OpenTofu 1.9.1 in the mirror");
        Assert.Equal("tofu", (await workspace.ReadAsync()).Attributes["engine"]!.GetValue<string>());
        var refused = await platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document("workspaces", new JsonObject { ["engine"] = "pulumi" }));
        Assert.Equal("The engine is 'terraform' or 'tofu'.", refused.ExpectError(422).Error["detail"]!.GetValue<string>());
        using var browser = await Browser.SignedInAsync(platform);
        var page = (await browser.GetAsync(Links.Run(workspace.Organization, workspace.Name, run.Id))).Expect(200).Text;
        Assert.Contains("Terraform 1.10.77", page, StringComparison.Ordinal);
        Assert.Contains("OpenTofu</option>", (await browser.GetAsync(Links.Workspace(workspace.Organization, workspace.Name, "settings"))).Expect(200).Text, StringComparison.Ordinal);
        await ShowsAProviderAsync(platform);
        platform.ExpectNoLoggedErrors();

        async Task ErrsAsync(JsonObject settings, string why)
        {
            (await platform.Api.PatchAsync($"workspaces/{workspace.Id}", ApiClient.Document("workspaces", settings))).Expect(200);
            var lacking = await workspace.StartAsync();
            Assert.Contains(why, (await lacking.ReachAsync("errored")).Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
            Assert.Contains(why, await lacking.LogAsync("plan"), StringComparison.Ordinal);
        }
    }

    /// <summary>A package that an earlier run has left is all that its init has: nobody could fetch it here.</summary>
    private static async Task ShowsAProviderAsync(Platform platform)
    {
        const string main = """
            terraform {
              required_providers {
                thing = { source = "acme/thing", version = "1.2.3" }
              }
            }
            """;
        const string program = "no provider, really";
        const string file = "terraform-provider-thing_v1.2.3";
        var sum = $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(program)))}  {file}\n";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(sum));
        var locks = $$"""
            provider "registry.terraform.io/acme/thing" {
              version     = "1.2.3"
              constraints = "1.2.3"
              hashes = [
                "h1:{{Convert.ToBase64String(hash)}}",
              ]
            }

            """;
        var home = Directory.CreateDirectory(Path.Combine(platform.DirectoryPath, "providers", Convert.ToHexStringLower(hash))).FullName;
        File.SetUnixFileMode(home, File.GetUnixFileMode(home) | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        await File.WriteAllTextAsync(Path.Combine(home, file), program);
        File.SetUnixFileMode(Path.Combine(home, file), UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.UploadAsync(Archive.Of(("main.tf", main), (".terraform.lock.hcl", locks)));
        var run = await workspace.StartAsync();
        // It is no provider, and that is what the plan has against it; its init has taken it.
        Assert.StartsWith("Terraform could not make a plan", (await run.ReachAsync("errored")).Attributes["outcome"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains($"{file}:", await run.LogAsync("plan"), StringComparison.Ordinal);
    }

    public void Dispose() => DirectoryRemoval.Remove(_outside);

    private static WebApplication Mirror(Releases releases)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapGet("/{**path}", (string path) => releases[path] is { } content ? Results.Bytes(content) : Results.NotFound());
        return app;
    }
}
