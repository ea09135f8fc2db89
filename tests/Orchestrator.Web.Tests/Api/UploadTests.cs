using System.Formats.Tar;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.DataProtection;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

public sealed class UploadTests
{
    public static TheoryData<string, string> BadArchives => new()
    {
        { "empty", "not a gzip-compressed tar archive" },
        { "text", "not a gzip-compressed tar archive" },
        { "cut short", "not a gzip-compressed tar archive" },
        { "no configuration", "holds no .tf or .tf.json file" },
        { "escapes", "leaves the configuration's directory" },
        { "absolute", "leaves the configuration's directory" },
        { "link outside", "points outside" },
        { "absolute link", "points outside" },
        { "device", "only files, directories and symbolic links" },
        { "hard link", "only files, directories and symbolic links" },
        { "bomb", "unpacks to more than" },
    };

    [Theory]
    [MemberData(nameof(BadArchives))]
    public async Task An_archive_that_cannot_be_used_is_refused_with_the_reason(string kind, string reason)
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var (id, url) = await workspace.AnnounceAsync(new JsonObject { ["auto-queue-runs"] = true });

        var refused = (await platform.Anonymous.PutAsync(url, Make(kind))).ExpectError(422);

        Assert.Contains(reason, refused.Error["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        var version = (await platform.Api.GetAsync($"configuration-versions/{id}")).Expect(200);
        Assert.Equal("errored", version.Attributes["status"]!.GetValue<string>());
        Assert.Contains(reason, version.Attributes["error-message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(await workspace.RunsAsync());
        Assert.Equal("/data/relationships/configuration-version", (await platform.Api.PostAsync("runs", ApiClient.Document(
            "runs", null, ("workspace", "workspaces", workspace.Id), ("configuration-version", "configuration-versions", id)))).ExpectError(422).Pointer);
    }

    [Theory, EachDatabase]
    public async Task A_second_upload_is_refused(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var (id, url) = await workspace.AnnounceAsync();

        (await platform.Anonymous.PutAsync(url, Archive.OfSample("hello"))).Expect(200);
        (await platform.Anonymous.PutAsync(url, Archive.OfSample("failing"))).ExpectError(409);

        Assert.Equal("uploaded", (await platform.Api.GetAsync($"configuration-versions/{id}")).Attributes["status"]!.GetValue<string>());
        var run = await workspace.StartAsync();
        await run.ReachAsync("planned");
        Assert.Equal((10, 0, 0), await run.CountsAsync());
    }

    [Theory, EachDatabase]
    public async Task An_upload_queues_a_run_when_it_is_asked_to(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        // Asked to or not told otherwise.
        await workspace.UploadAsync(Archive.OfSample("hello"), []);

        var run = Assert.Single(await workspace.RunsAsync());
        var planned = await run.ReachAsync("planned");
        Assert.Equal("tfe-configuration-version", planned.Attributes["source"]!.GetValue<string>());
        Assert.Equal((10, 0, 0), await run.CountsAsync());
    }

    [Fact]
    public async Task An_upload_queues_nothing_when_it_is_told_not_to()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);

        await workspace.UploadAsync(Archive.OfSample("hello"), new JsonObject { ["auto-queue-runs"] = false });

        Assert.Empty(await workspace.RunsAsync());
    }

    [Fact]
    public async Task A_forged_or_changed_link_takes_no_upload()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var (id, url) = await workspace.AnnounceAsync();
        var last = url[^2] == 'A' ? 'B' : 'A';

        string[] forged =
        [
            $"{url[..^2]}{last}{url[^1]}", url + "AA", url[..^10], $"uploads/configurations/{id}", "uploads/configurations/x",
            url.Replace("/configurations/", "/states/", StringComparison.Ordinal),
            url.Replace("/configurations/", "/states-json/", StringComparison.Ordinal),
        ];

        foreach (var link in forged)
        {
            (await platform.Anonymous.PutAsync(link, Archive.OfSample("hello"))).ExpectError(404);
        }
        Assert.Equal("pending", (await platform.Api.GetAsync($"configuration-versions/{id}")).Attributes["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_link_takes_no_upload_when_its_time_is_over()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var (id, _) = await workspace.AnnounceAsync();
        var protector = platform.Get<IDataProtectionProvider>().CreateProtector("Orchestrator.Links.v2").ToTimeLimitedDataProtector();
        string Link(TimeSpan life) => "uploads/configurations/" + protector.Protect(
            $"configuration_upload|{id}|user|{User.AdminId}||admin", DateTimeOffset.UtcNow + life);

        (await platform.Anonymous.PutAsync(Link(TimeSpan.FromSeconds(-1)), Archive.OfSample("hello"))).ExpectError(404);
        // Made the same way, but alive.
        (await platform.Anonymous.PutAsync(Link(TimeSpan.FromMinutes(1)), Archive.OfSample("hello"))).Expect(200);
    }

    [Fact]
    public async Task An_upload_that_is_too_large_is_refused()
    {
        await using var platform = await Platform.StartAsync(DatabaseProvider.Sqlite, ("Orchestrator:Configurations:MaxArchiveBytes", "2048"));
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var (id, url) = await workspace.AnnounceAsync();
        var noise = new byte[4096];
        new Random(1).NextBytes(noise);

        var measured = await platform.Anonymous.PutAsync(url, noise);
        var streamed = await platform.Anonymous.SendAsync(HttpMethod.Put, url, new StreamContent(new Unmeasured(noise)));

        Assert.Contains("2 KiB at most", measured.ExpectError(413).Text, StringComparison.Ordinal);
        streamed.ExpectError(413);
        Assert.Equal("pending", (await platform.Api.GetAsync($"configuration-versions/{id}")).Attributes["status"]!.GetValue<string>());
    }

    private static byte[] Make(string kind) => kind switch
    {
        "empty" => [],
        "text" => "resource \"terraform_data\" \"one\" {}"u8.ToArray(),
        "cut short" => Archive.OfSample("hello")[..300],
        "no configuration" => Archive.Of(("readme.md", "nothing to see")),
        "escapes" => Archive.Of(("main.tf", ""), ("../outside.tf", "")),
        "absolute" => Archive.Of(("main.tf", ""), ("/etc/outside.tf", "")),
        "link outside" => Archive.Pack([File("main.tf"), Link(TarEntryType.SymbolicLink, "../../outside")]),
        "absolute link" => Archive.Pack([File("main.tf"), Link(TarEntryType.SymbolicLink, "/etc/passwd")]),
        "device" => Archive.Pack([File("main.tf"), new PaxTarEntry(TarEntryType.CharacterDevice, "device")]),
        "hard link" => Archive.Pack([File("main.tf"), Link(TarEntryType.HardLink, "main.tf")]),
        "bomb" => Archive.Pack(
        [
            File("main.tf"),
            .. Enumerable.Range(0, 9).Select(index => new PaxTarEntry(TarEntryType.RegularFile, $"zeros{index}") { DataStream = new Zeros(64L * 1024 * 1024) }),
        ]),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static PaxTarEntry File(string path) => new(TarEntryType.RegularFile, path) { DataStream = new MemoryStream() };

    private static PaxTarEntry Link(TarEntryType type, string target) => new(type, "link") { LinkName = target };

    private sealed class Unmeasured(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }

    /// <summary>So many zeros, without the memory.</summary>
    private sealed class Zeros(long length) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - Position);
            Array.Clear(buffer, offset, read);
            Position += read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
