using Microsoft.Extensions.Configuration;
using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Web.Issuer;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Issuer;

/// <summary>The verb <c>issuer</c>, most of it beside a server that goes on serving from the same database.</summary>
public sealed class IssuerCommandTests : IDisposable
{
    private const string Discovery = "/.well-known/openid-configuration";
    private const string KeySet = "/.well-known/jwks";

    private readonly string _outside = Directory.CreateTempSubdirectory("orchestrator-issuer-test-").FullName;

    [Fact]
    public async Task Rotated_beside_a_server_the_keys_are_published_by_it_at_once()
    {
        await using var platform = await StartAsync();
        var before = await KidsAsync(platform);

        var (code, said) = await RunAsync(platform, "rotate");

        Assert.Equal(0, code);
        Assert.Matches("Key [A-Za-z0-9_-]{43} signs from now on. Key [A-Za-z0-9_-]{43} stays published until ", said);
        var after = await KidsAsync(platform);
        Assert.Empty(before.Except(after));
        Assert.Equal(before.Count + 1, after.Count);
        var (again, refusal) = await RunAsync(platform, "rotate");
        Assert.Equal(1, again);
        Assert.Contains("relying parties may not know it before", refusal, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(platform, "rotate", "--force")).Code);
    }

    [Fact]
    public async Task A_key_is_found_in_the_list_and_revoked()
    {
        await using var platform = await StartAsync();
        // Whoever reads the key set waits for the first keys, which are made after the start.
        Assert.Equal(2, (await KidsAsync(platform)).Count);
        var (_, list) = await RunAsync(platform, "list");
        var lines = list.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        var kid = lines.Single(line => line.Contains("ES256  active", StringComparison.Ordinal)).Split(' ')[0];

        var (code, said) = await RunAsync(platform, "revoke", kid);

        Assert.Equal(0, code);
        Assert.Contains($"Key {kid} is revoked.", said, StringComparison.Ordinal);
        Assert.DoesNotContain(kid, await KidsAsync(platform));
        Assert.Contains($"{kid}  ES256  retired", (await RunAsync(platform, "list")).Said, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync(platform, "revoke", kid)).Code);
    }

    [Fact]
    public async Task A_key_whose_id_begins_with_a_dash_is_taken_for_a_key()
    {
        await using var platform = await StartAsync();

        Assert.Equal(1, (await RunAsync(platform, "revoke", "-0OcAb")).Code);
    }

    [Fact]
    public async Task What_is_exported_is_byte_for_byte_what_the_server_serves()
    {
        await using var platform = await StartAsync();
        var directory = Path.Combine(_outside, "site");

        var (code, said) = await RunAsync(platform, "export", directory, $"--Orchestrator:Issuer={AddressOf(platform)}");

        Assert.Equal(0, code);
        Assert.Contains($"Publish the directory at {AddressOf(platform)}", said, StringComparison.Ordinal);
        foreach (var path in new[] { Discovery, KeySet })
        {
            Assert.Equal((await platform.Anonymous.GetAsync(path)).Expect(200).Bytes, await File.ReadAllBytesAsync(directory + path));
        }
    }

    [Fact]
    public async Task An_export_for_nowhere_is_refused()
    {
        await using var platform = await StartAsync();

        var (code, said) = await RunAsync(platform, "export", Path.Combine(_outside, "site"));

        Assert.Equal(1, code);
        Assert.Contains("Set Orchestrator__Issuer", said, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_outside));
    }

    [Fact]
    public async Task A_check_finds_the_servers_own_documents_current_and_those_of_another_installation_not()
    {
        await using var platform = await StartAsync();
        await using var another = await StartAsync();

        var (current, yes) = await RunAsync(platform, "check", AddressOf(platform));
        var (other, no) = await RunAsync(platform, "check", AddressOf(another), $"--Orchestrator:Issuer={AddressOf(platform)}");

        Assert.Equal((0, $"What is published at {AddressOf(platform)} is current.\n"), (current, yes));
        Assert.Equal(1, other);
        Assert.Contains($"It is for the issuer '{AddressOf(another)}'", no, StringComparison.Ordinal);
        Assert.Contains("is missing, or differs", no, StringComparison.Ordinal);
        Assert.Contains("is none of this installation's", no, StringComparison.Ordinal);
        Assert.Contains("Run 'issuer export DIRECTORY'", no, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_check_asks_at_the_configured_issuer_unless_told_otherwise()
    {
        await using var platform = await StartAsync();

        Assert.Equal(0, (await RunAsync(platform, "check", $"--Orchestrator:Issuer={AddressOf(platform)}/")).Code);
        Assert.Equal((1, "There is no address to check. Set Orchestrator__Issuer, or name one: issuer check https://…\n"), await RunAsync(platform, "check"));
        Assert.Equal(1, (await RunAsync(platform, "check", "not-an-address")).Code);
    }

    [Theory]
    [InlineData]
    [InlineData("rotat")]
    [InlineData("revoke")]
    [InlineData("export")]
    [InlineData("check", "https://one.example.com", "https://two.example.com")]
    public async Task Other_words_show_what_there_is(params string[] words)
    {
        using var errors = new StringWriter();

        Assert.Equal(2, await IssuerCommand.RunAsync(words, TextWriter.Null, errors));
        Assert.Contains("issuer revoke KID", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_the_servers_first_start_there_are_no_keys_to_speak_of()
    {
        using var errors = new StringWriter();

        var code = await IssuerCommand.RunAsync(
            ["list", "--Orchestrator:DataDirectory", Path.Combine(_outside, "data")], TextWriter.Null, errors);

        Assert.Equal(1, code);
        Assert.Contains("Start the server once", errors.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => DirectoryRemoval.Remove(_outside);

    private static Task<Platform> StartAsync() =>
        Platform.StartAsync(DatabaseProvider.Sqlite, ("Orchestrator:SigningKeys:Algorithm", "ES256"));

    private static string AddressOf(Platform platform) => platform.Address.ToString().TrimEnd('/');

    private static async Task<(int Code, string Said)> RunAsync(Platform platform, params string[] words)
    {
        using var output = new StringWriter { NewLine = "\n" };
        var settings = platform.Get<IConfiguration>();
        var code = await IssuerCommand.RunAsync(
            [
                .. words,
                $"--Orchestrator:DataDirectory={platform.DirectoryPath}",
                $"--Orchestrator:Database:Provider={platform.Provider}",
                $"--Orchestrator:Database:ConnectionString={settings["Orchestrator:Database:ConnectionString"] ?? $"Data Source={platform.DirectoryPath}/orchestrator.db"}",
                "--Orchestrator:SigningKeys:Algorithm=ES256",
            ],
            output, TextWriter.Null);
        return (code, output.ToString());
    }

    private static async Task<IReadOnlyList<string>> KidsAsync(Platform platform) =>
        [.. (await platform.Anonymous.GetAsync(KeySet)).Expect(200).Json["keys"]!.AsArray().Select(key => key!["kid"]!.GetValue<string>())];
}
