using System.Text.Json.Nodes;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

public sealed class ConfigurationVersionTests
{
    private static readonly byte[] Packed = Archive.Of(("main.tf", """output "said" { value = "hello" }"""));

    [Theory, EachDatabase]
    public async Task An_archive_comes_back_byte_by_byte(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var id = await workspace.UploadAsync(Packed);
        var run = await workspace.StartAsync();

        var shown = (await platform.Api.GetAsync($"configuration-versions/{id}")).Expect(200);

        Assert.Equal($"/api/v2/configuration-versions/{id}/download", shown.Data["links"]!["download"]!.GetValue<string>());
        Assert.Equal(Packed, (await platform.Api.GetAsync($"configuration-versions/{id}/download")).Expect(200).Bytes);
        Assert.Equal(Packed, (await platform.Api.GetAsync($"runs/{run.Id}/configuration-version/download")).Expect(200).Bytes);
        Assert.Equal(id, (await platform.Api.GetAsync($"runs/{run.Id}/configuration-version")).Expect(200).Id);
    }

    [Fact]
    public async Task The_upload_link_is_told_for_as_long_as_it_is_good()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var (id, _) = await workspace.AnnounceAsync();
        var team = await platform.TeamAsync(workspace.Organization);
        await platform.GiveAsync(team, workspace, WorkspaceAccessLevel.Read);
        using var reader = await platform.CallerAsync(team);

        var link = (await platform.Api.GetAsync($"configuration-versions/{id}")).Expect(200).Attributes["upload-url"]!.GetValue<string>();
        Assert.Null((await reader.GetAsync($"configuration-versions/{id}")).Expect(200).Attributes["upload-url"]);
        (await platform.Api.GetAsync($"configuration-versions/{id}/download")).ExpectError(404);
        (await platform.Anonymous.PutAsync(link, Packed)).Expect(200);

        Assert.Null((await platform.Api.GetAsync($"configuration-versions/{id}")).Expect(200).Attributes["upload-url"]);
        Assert.Null((await platform.Api.GetAsync($"workspaces/{workspace.Id}/configuration-versions")).Expect(200).Json["data"]![0]!["attributes"]!["upload-url"]);
    }

    [Theory, EachDatabase]
    public async Task Only_an_archive_that_nothing_needs_is_archived(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        Task<Answer> ArchiveAsync(string id) => platform.Api.PostAsync($"configuration-versions/{id}/actions/archive");
        var (pending, _) = await workspace.AnnounceAsync();
        var old = await workspace.UploadAsync("""output "said" { value = "hello" }""");
        (await ArchiveAsync(pending)).ExpectError(409);
        Assert.Contains("next run", (await ArchiveAsync(old)).ExpectError(409).Text, StringComparison.Ordinal);
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        var current = await workspace.UploadAsync(Packed);
        Assert.Contains("not over", (await ArchiveAsync(old)).ExpectError(409).Text, StringComparison.Ordinal);
        (await run.ActAsync("discard")).Expect(202);

        (await ArchiveAsync(old)).Expect(202);

        var archived = (await platform.Api.GetAsync($"configuration-versions/{old}")).Expect(200);
        Assert.Equal("archived", archived.Attributes["status"]!.GetValue<string>());
        Assert.NotNull(archived.Attributes["status-timestamps"]!["archived-at"]);
        (await platform.Api.GetAsync($"configuration-versions/{old}/download")).ExpectError(404);
        (await ArchiveAsync(old)).ExpectError(409);
        Assert.Equal("/data/relationships/configuration-version", (await platform.Api.PostAsync("runs", ApiClient.Document(
            "runs", null, ("workspace", "workspaces", workspace.Id), ("configuration-version", "configuration-versions", old)))).ExpectError(422).Pointer);
        Assert.Equal(Packed, (await platform.Api.GetAsync($"configuration-versions/{current}/download")).Expect(200).Bytes);
    }
}
