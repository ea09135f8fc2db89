using System.Text.Json.Nodes;
using Orchestrator.Data;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>The verbs <c>export</c> and <c>import</c>, from a server on SQLite that goes on serving to one on PostgreSQL.</summary>
public sealed class MovingTests : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("orchestrator-moving-test-").FullName;

    [Fact]
    public async Task An_installation_goes_on_where_it_was_imported()
    {
        await File.WriteAllTextAsync(At("passphrase"), "a passphrase of some length");
        await using var here = await Platform.StartAsync();
        var workspace = await TestWorkspace.CreateAsync(here.Api);
        await workspace.SetAsync("who", Planted.Secret("moved"), sensitive: true);
        await workspace.UploadAsync("""
            variable "who" { sensitive = true }
            variable "round" { default = "first" }
            resource "terraform_data" "one" { input = [var.who, var.round] }
            output "length" { value = nonsensitive(length(var.who)) }
            output "round" { value = var.round }
            """);
        var first = await workspace.ApplyAsync();
        var token = (await here.Api.PostAsync($"organizations/{workspace.Organization}/authentication-token")).Expect(201).Attributes["token"]!.GetValue<string>();
        var length = await workspace.OutputAsync("length");
        var keys = (await here.Anonymous.GetAsync("/.well-known/jwks")).Expect(200).Text;

        string[] from = [$"--Orchestrator:DataDirectory={here.DirectoryPath}"];
        Assert.Equal(CommandLine.WrongUsage, (await RunAsync(ExportCommand.RunAsync, from)).Code);
        var bare = await RunAsync(ExportCommand.RunAsync, [At("archive"), .. from]);
        Assert.Equal(CommandLine.Failed, bare.Code);
        Assert.Contains("The key ring is not wrapped", bare.Said, StringComparison.Ordinal);
        var exported = await RunAsync(ExportCommand.RunAsync, [At("archive"), "--passphrase-file", At("passphrase"), .. from]);
        Assert.True(exported.Code == 0, exported.Said);
        Assert.Contains("is there already", (await RunAsync(ExportCommand.RunAsync, [At("archive"), "--passphrase-file", At("passphrase"), .. from])).Said, StringComparison.Ordinal);
        Assert.False(Planted.IsIn(await File.ReadAllBytesAsync(At("archive"))));
        Assert.Contains("is whole", (await RunAsync(ImportCommand.RunAsync, ["--check", At("archive")])).Said, StringComparison.Ordinal);

        var database = await SharedPlatforms.NewPostgresDatabaseAsync();
        string[] to = [$"--Orchestrator:DataDirectory={At("there")}", "--Orchestrator:Database:Provider=PostgreSql", $"--Orchestrator:Database:ConnectionString={database}"];
        string[] import = [At("archive"), "--passphrase-file", At("passphrase"), .. to];
        Assert.Contains("Run 'migrate'", (await RunAsync(ImportCommand.RunAsync, import)).Said, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(MigrateCommand.RunAsync, to)).Code);
        var imported = await RunAsync(ImportCommand.RunAsync, import);
        Assert.True(imported.Code == 0, imported.Said);
        Assert.Contains("The audit trail is whole", imported.Said, StringComparison.Ordinal);
        Assert.Contains("No run was under way.", imported.Said, StringComparison.Ordinal);
        Assert.Contains("The database is not empty", (await RunAsync(ImportCommand.RunAsync, import)).Said, StringComparison.Ordinal);
        // The one that serves on SQLite has its data directory for itself.
        await Assert.ThrowsAsync<DataDirectoryInUseException>(() => RunAsync(ImportCommand.RunAsync, [At("archive"), "--passphrase-file", At("passphrase"), .. from]));

        await using var there = await Platform.StartAsync(
            DatabaseProvider.PostgreSql, ("Orchestrator:Database:ConnectionString", database), ("Orchestrator:DataDirectory", At("there")));
        using var moved = new ApiClient(there.Address, token);
        Assert.Equal(workspace.Name, (await workspace.Through(moved).ReadAsync()).Attributes["name"]!.GetValue<string>());
        var same = workspace.Through(there.Api);
        Assert.Equal(keys, (await there.Anonymous.GetAsync("/.well-known/jwks")).Expect(200).Text);
        Assert.Equal((length, "\"first\""), (await same.OutputAsync("length"), await same.OutputAsync("round")));
        Assert.Contains("Apply complete!", await new TestRun(there.Api, (await there.Api.GetAsync($"runs/{first.Id}")).Expect(200)).LogAsync("apply"), StringComparison.Ordinal);
        await same.SetAsync("round", "second");
        await same.ApplyAsync();
        Assert.Equal((length, "\"second\""), (await same.OutputAsync("length"), await same.OutputAsync("round")));
        there.ExpectNoLoggedErrors();
    }

    public void Dispose() => Terraform.DirectoryRemoval.Remove(_outside);

    private string At(string name) => Path.Combine(_outside, name);

    private static async Task<(int Code, string Said)> RunAsync(Func<string[], TextWriter, TextWriter, Task<int>> verb, string[] arguments)
    {
        using var said = new StringWriter();
        return (await verb(arguments, said, said), said.ToString());
    }
}
