using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Organizations;

public sealed class SshKeyTests
{
    /// <summary>Made for these tests; it opens nothing.</summary>
    public const string Key = """
        -----BEGIN OPENSSH PRIVATE KEY-----
        b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
        QyNTUxOQAAACB9AckkBjw6hMMKU6Bue4fcjeU/t6kMsSo3y1OyqavM1AAAAIgdlkA2HZZA
        NgAAAAtzc2gtZWQyNTUxOQAAACB9AckkBjw6hMMKU6Bue4fcjeU/t6kMsSo3y1OyqavM1A
        AAAEDTph+11a2wMkhThk4/mZ1fMabyVLqQTmm8f4RECi3rUX0BySQGPDqEwwpToG57h9yN
        5T+3qQyxKjfLU7Kpq8zUAAAAAAECAwQF
        -----END OPENSSH PRIVATE KEY-----
        """;

    [Fact]
    public async Task A_key_is_written_and_never_read_back()
    {
        var platform = await SharedPlatforms.OfAsync();
        var organization = await OrganizationTests.CreateAsync(platform);
        var created = await CreateAsync(platform, organization, "git", Key);

        CommittedDocument.Compare("ssh-key", created.Json, new Dictionary<string, string>());
        CommittedDocument.Compare("ssh-key", (await platform.Api.GetAsync($"ssh-keys/{created.Id}")).Expect(200).Json, new Dictionary<string, string>());
        Assert.Equal(["git"], (await platform.Api.GetAsync($"organizations/{organization}/ssh-keys")).Each());
        Assert.Equal("git 2", (await platform.Api.PatchAsync($"ssh-keys/{created.Id}", ApiClient.Document(
            "ssh-keys", new JsonObject { ["name"] = "git 2" }))).Expect(200).Attributes["name"]!.GetValue<string>());
        await using var db = platform.Open();
        var stored = await db.SshKeys.AsNoTracking().FirstAsync(key => key.Id == new SshKeyId(created.Id), TestContext.Current.CancellationToken);
        Assert.DoesNotContain("PRIVATE KEY", System.Text.Encoding.Latin1.GetString(stored.ProtectedValue), StringComparison.Ordinal);
        (await platform.Api.DeleteAsync($"ssh-keys/{created.Id}")).Expect(204);
        (await platform.Api.GetAsync($"ssh-keys/{created.Id}")).ExpectError(404);
    }

    [Theory]
    [InlineData("no key at all")]
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI a public key")]
    [InlineData("PuTTY-User-Key-File-3: ssh-ed25519")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nabcd\n-----END RSA PRIVATE KEY-----")]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----\nabcd\n-----END ENCRYPTED PRIVATE KEY-----")]
    [InlineData("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABD\n-----END OPENSSH PRIVATE KEY-----")]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_key_that_git_could_not_use_is_refused_while_its_author_is_there(string? value)
    {
        var platform = await SharedPlatforms.OfAsync();
        var organization = await OrganizationTests.CreateAsync(platform);

        var refused = (await platform.Api.PostAsync($"organizations/{organization}/ssh-keys", ApiClient.Document(
            "ssh-keys", new JsonObject { ["name"] = "git", ["value"] = value }))).ExpectError(422);

        Assert.Equal("/data/attributes/value", refused.Pointer);
        Assert.DoesNotContain("abcd", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workspace_chooses_a_key_of_its_organization()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var own = (await CreateAsync(platform, workspace.Organization, "git", Key)).Id;
        var foreign = (await CreateAsync(platform, await OrganizationTests.CreateAsync(platform), "git", Key)).Id;
        Task<Answer> Choose(string? id) => platform.Api.PatchAsync(
            $"workspaces/{workspace.Id}/relationships/ssh-key", ApiClient.Document("workspaces", new JsonObject { ["id"] = id }));

        (await Choose(foreign)).ExpectError(422);
        Assert.Equal(own, (await Choose(own)).Expect(200).RelatedId("ssh-key"));
        (await platform.Api.PatchAsync($"workspaces/{workspace.Id}/relationships/ssh-key", ApiClient.Document("workspaces"))).ExpectError(422);
        Assert.Null((await Choose(null)).Expect(200).Data["relationships"]!["ssh-key"]!["data"]);
        (await Choose(own)).Expect(200);
        (await platform.Api.DeleteAsync($"ssh-keys/{own}")).Expect(204);
        Assert.Null((await workspace.ReadAsync()).Data["relationships"]!["ssh-key"]!["data"]);
        Assert.Equal("/data/attributes/name", (await platform.Api.PostAsync($"organizations/{workspace.Organization}/ssh-keys", ApiClient.Document(
            "ssh-keys", new JsonObject { ["name"] = " ", ["value"] = Key }))).ExpectError(422).Pointer);
    }

    [Fact]
    public async Task Terraform_fetches_modules_over_ssh_with_the_workspaces_key_and_only_then()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await using var git = await GitServer.StartAsync();
        await git.CommitAsync("main.tf", """output "greeting" { value = "from the module" }""");
        var key = (await CreateAsync(platform, workspace.Organization, "git", git.ClientKey)).Id;
        await workspace.UploadAsync($$"""
            module "fetched" { source = "git::{{git.Address}}" }
            resource "terraform_data" "look" {
              input = fileexists(pathexpand("~/../ssh/key")) ? "sees the key" : "sees no key"
            }
            output "greeting" { value = module.fetched.greeting }
            """);

        var without = await workspace.StartAsync();
        await without.ReachAsync("errored");
        (await platform.Api.PatchAsync($"workspaces/{workspace.Id}/relationships/ssh-key", ApiClient.Document(
            "workspaces", new JsonObject { ["id"] = key }))).Expect(200);
        var run = await workspace.ApplyAsync();

        Assert.Equal("\"from the module\"", await workspace.OutputAsync("greeting"));
        Assert.Contains("sees no key", (await workspace.StateAsync())!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain(git.ClientKey.Split('\n')[1], await run.LogAsync("plan"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(platform.DirectoryPath, "runs", run.Id)));
    }

    private static async Task<Answer> CreateAsync(Platform platform, string organization, string name, string value) =>
        (await platform.Api.PostAsync($"organizations/{organization}/ssh-keys", ApiClient.Document(
            "ssh-keys", new JsonObject { ["name"] = name, ["value"] = value }))).Expect(201);
}
