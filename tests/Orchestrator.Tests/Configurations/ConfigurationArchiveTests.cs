using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using CsCheck;
using Orchestrator.Configurations;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Configurations;

public sealed class ConfigurationArchiveTests : IDisposable
{
    private readonly TemporaryDirectory _outside = new();

    private string Target => Path.Combine(_outside.Path, "target");

    public void Dispose() => _outside.Dispose();

    [Fact]
    public async Task Whatever_tar_packs_comes_out_as_it_was()
    {
        using var source = new TemporaryDirectory();
        source.File("main.tf", "# main");
        source.File("modules/network/main.tf", "# network");
        source.File("scripts/run.sh", "#!/bin/sh");
        File.SetUnixFileMode(Path.Combine(source.Path, "scripts/run.sh"), (UnixFileMode)0b111_101_101);
        File.CreateSymbolicLink(Path.Combine(source.Path, "modules/network/shared.tf"), "../../main.tf");
        var archive = Path.Combine(_outside.Path, "configuration.tar.gz");
        using (var tar = Process.Start("tar", ["-czf", archive, "-C", source.Path, "."]))
        {
            await tar.WaitForExitAsync();
            Assert.Equal(0, tar.ExitCode);
        }

        await UnpackAsync(await File.ReadAllBytesAsync(archive));

        Assert.Equal("# main", Read("main.tf"));
        Assert.Equal("# network", Read("modules/network/main.tf"));
        Assert.Equal("# main", Read("modules/network/shared.tf"));
        Assert.Equal("../../main.tf", new FileInfo(Path.Combine(Target, "modules/network/shared.tf")).LinkTarget);
        Assert.True(File.GetUnixFileMode(Path.Combine(Target, "scripts/run.sh")).HasFlag(UnixFileMode.UserExecute));
        Assert.False(File.GetUnixFileMode(Path.Combine(Target, "main.tf")).HasFlag(UnixFileMode.UserExecute));
    }

    [Fact]
    public void Any_tree_of_files_comes_out_as_it_was()
    {
        var name = Gen.String[Gen.Char["abcäß .-_"], 1, 6].Where(text => text.Trim(' ', '.').Length > 0);
        var files = Gen.Dictionary(name.Array[1, 4].Select(parts => string.Join('/', parts) + ".tf"), Gen.String)[1, 8];
        files.Sample(tree =>
        {
            using var directory = new TemporaryDirectory();
            var archive = new Archive();
            foreach (var (path, content) in tree)
            {
                archive.File(path, content);
            }
            Unpack(archive.Pack(), directory.Path);
            return tree.All(file => File.ReadAllText(Path.Combine(directory.Path, file.Key)) == Clean(file.Value))
                && Directory.GetFiles(directory.Path, "*", SearchOption.AllDirectories).Length == tree.Count;
        }, iter: 100);

        // What UTF-8 cannot hold is not in the file either.
        static string Clean(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
    }

    public static TheoryData<string, byte[]> Attacks
    {
        get
        {
            static Archive Good() => new Archive().File("main.tf");
            return new TheoryData<string, byte[]>
            {
                { "not a gzip-compressed tar archive", "no archive at all"u8.ToArray() },
                { "not a gzip-compressed tar archive", Gzip("no archive at all, but compressed"u8.ToArray()) },
                { "not a gzip-compressed tar archive", Good().File("b.tf", new string('x', 50_000)).Pack()[..^100] },
                // Where the first entry's mode and its type are written: too large a number, and a kind that the reader does not know.
                { "not a gzip-compressed tar archive", Gzip(Overwrite(Gunzip(Good().Pack()), 100, [0x80, 0, 0, 1, 0, 0, 0, 0])) },
                { "not a gzip-compressed tar archive", Gzip(Overwrite(Gunzip(Good().Pack()), 156, "S"u8)) },
                // Where the length of the first entry's attributes is written.
                { "has a name or attributes of more than 1 MiB", Gzip(Overwrite(Gunzip(Good().Pack()), 124, "6"u8)) },
                { "'../main.tf' in the archive leaves", Good().File("../main.tf").Pack() },
                { "'a/../../main.tf' in the archive leaves", Good().File("a/../../main.tf").Pack() },
                { "'/etc/cron.d/x' in the archive leaves", Good().File("/etc/cron.d/x").Pack() },
                { "link 'out' in the archive leads nowhere", LinkToNowhere("out") },
                { "link 'out' in the archive points outside", Good().Link("out", "../secret").Pack() },
                { "link 'out' in the archive points outside", Good().Link("out", "/etc/passwd").Pack() },
                { "link 'a/out' in the archive points outside", Good().Link("a/out", "../../secret").Pack() },
                { "points outside", Good().Directory("a/b").Link("a/up", "b/../..").Link("out", "a/up/../secret").Pack() },
                { "points outside", Good().Link("out", "up/../secret").Link("up", ".").Pack() },
                { "points outside", Good().Link("one", "two").Link("two", "three").Link("three", "../secret").Pack() },
                { "points outside", Good().Link("one", "two").Link("two", "one").Pack() },
                { "points outside", Good().Link("self", "self/x").Pack() },
                { "'out/file.tf' in the archive lies under 'out'", Good().Link("out", ".").File("out/file.tf").Pack() },
                { "'out' is in the archive twice", Good().File("out/file.tf").Link("out", ".").Pack() },
                { "'out' is in the archive twice", Good().Link("out/link", "x").Link("out", ".").Pack() },
                { "'out/link' in the archive lies under 'out'", Good().Link("out", ".").Link("out/link", "x").Pack() },
                { "'a' is in the archive twice", Good().File("a/b.tf").File("a").Pack() },
                { "'a/b.tf' in the archive lies under 'a'", Good().File("a").File("a/b.tf").Pack() },
                { "'a' is in the archive twice", Good().File("a").Directory("a").Pack() },
                { "'main.tf' is in the archive twice", Good().File("./main.tf").Pack() },
                { "'Main.tf' and 'main.tf' in the archive differ only", Good().File("Main.tf").Pack() },
                { "'a/B.tf' and 'a/b.tf' in the archive differ only", Good().Link("a/b.tf", "../main.tf").Directory("a/B.tf").Pack() },
                { "'A' and 'a' in the archive differ only", Good().File("a/one.tf").File("A/two.tf").Pack() },
                { "'MODULES' and 'modules' in the archive differ only", Good().Directory("modules").Link("MODULES", ".").Pack() },
                { "'É.tf' and 'é.tf' in the archive differ only", Good().File("é.tf").File("É.tf").Pack() },
                { "more than 12 directories deep", Good().File(string.Concat(Enumerable.Repeat("d/", 13)) + "x.tf").Pack() },
                { "'x' in the archive is a HardLink", Good().Link("x", "main.tf", TarEntryType.HardLink).Pack() },
                { "'x' in the archive is a HardLink", Good().Link("x", "/etc/passwd", TarEntryType.HardLink).Pack() },
                { "'x' in the archive is a CharacterDevice", Good().Add(TarEntryType.CharacterDevice, "x").Pack() },
                { "'x' in the archive is a BlockDevice", Good().Add(TarEntryType.BlockDevice, "x").Pack() },
                { "'x' in the archive is a Fifo", Good().Add(TarEntryType.Fifo, "x").Pack() },
                { "more than 20 entries", Enumerable.Range(0, 21).Aggregate(Good(), (archive, number) => archive.File($"{number}.tf")).Pack() },
                { "unpacks to more than 1 MiB", Good().File("zeros", new string('0', 2 * 1024 * 1024)).Pack() },
                { "holds no .tf or .tf.json file", new Archive().File("readme.md").Pack() },
                { "not a gzip-compressed tar archive", [] },
                { "holds no .tf or .tf.json file", Gzip(new byte[1024]) },
                { "longer than 1024 characters", Good().File(new string('x', 1025)).Pack() },
            };
        }
    }

    [Theory, MemberData(nameof(Attacks))]
    public async Task An_attack_is_refused_with_its_reason_and_nothing_is_written_outside(string reason, byte[] archive)
    {
        var seen = await Assert.ThrowsAsync<ConfigurationRefusedException>(() => Reader.InspectAsync(new MemoryStream(archive), CancellationToken.None));
        Assert.Contains(reason, seen.Message, StringComparison.Ordinal);

        var refused = await Assert.ThrowsAsync<ConfigurationRefusedException>(() => UnpackAsync(archive));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal([Target], Directory.GetFileSystemEntries(_outside.Path));
        Assert.DoesNotContain(
            new DirectoryInfo(Target).EnumerateFileSystemInfos("*", SearchOption.AllDirectories), entry => entry.LinkTarget is not null);
    }

    [Fact]
    public async Task A_bomb_is_refused_long_before_it_has_gone_off()
    {
        var bomb = new Archive().File("main.tf").File("zeros", new string('0', 20 * 1024 * 1024)).Pack();

        await Assert.ThrowsAsync<ConfigurationRefusedException>(() => UnpackAsync(bomb));

        Assert.True(new FileInfo(Path.Combine(Target, "zeros")).Length <= 1024 * 1024);
    }

    [Fact]
    public async Task A_bomb_within_the_limit_of_size_is_known_by_its_ratio()
    {
        var packed = Path.Combine(_outside.Path, "zeros.tar.gz");
        // A file with a hole, which takes no memory either.
        await using (var hole = File.Create(Path.Combine(_outside.Path, "hole")))
        await using (var zip = new System.IO.Compression.GZipStream(File.Create(packed), System.IO.Compression.CompressionLevel.Optimal))
        await using (var writer = new TarWriter(zip))
        {
            hole.SetLength(40 * 1024 * 1024);
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "main.tf"));
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "zeros") { DataStream = hole });
        }
        var refused = await Assert.ThrowsAsync<ConfigurationRefusedException>(() =>
            new ConfigurationArchive(new ConfigurationOptions()).InspectAsync(File.OpenRead(packed), CancellationToken.None));

        Assert.Contains("far more than its size", refused.Message, StringComparison.Ordinal);
        await new ConfigurationArchive(new ConfigurationOptions { MaxRatio = 10_000 }).InspectAsync(File.OpenRead(packed), CancellationToken.None);
    }

    [Theory]
    [InlineData('x', "07346545000 ")]
    [InlineData('g', "07346545000\0")]
    [InlineData('L', " 7346545000\0")]
    [InlineData('K', "007346545000")]
    [InlineData('x', "\u0080\0\0\0\0\0\0\0\u001d\u00cd\u0065\0")]
    [InlineData('x', "77777777777\0")]
    [InlineData('x', "00004000001\0")]
    public void A_name_that_would_fill_the_memory_is_refused_before_it_is_read(char type, string size)
    {
        var header = new byte[512];
        Encoding.Latin1.GetBytes("long").CopyTo(header, 0);
        Encoding.Latin1.GetBytes(size).CopyTo(header, 124);
        header[156] = (byte)type;
        "ustar\00000"u8.CopyTo(header.AsSpan(257));
        "        "u8.CopyTo(header.AsSpan(148));
        Encoding.Latin1.GetBytes(Convert.ToString(header.Sum(value => value), 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
        // Uneven, so that the header lies across what the unzipping hands out at once.
        var archive = Gzip([.. Gunzip(new Archive().File("main.tf", new string('#', 10_000)).Pack())[..^1024], .. header, .. new byte[100_000]]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        var refused = Assert.Throws<ConfigurationRefusedException>(() => Unpack(archive, Directory.CreateDirectory(Target).FullName));

        Assert.Contains("has a name or attributes of more than 1 MiB", refused.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 * 1024 * 1024);
    }

    [Fact]
    public async Task A_long_name_that_is_no_attack_is_accepted()
    {
        var path = string.Join('/', Enumerable.Repeat(new string('d', 100), 10)) + ".tf";

        await UnpackAsync(new Archive().File(path, "# deep").Pack());

        Assert.Equal("# deep", Read(path));
    }

    [Theory]
    [InlineData("./main.tf")]
    [InlineData("main.tf.json")]
    [InlineData("deep/down/main.tf")]
    public async Task An_honest_archive_is_accepted(string path)
    {
        var archive = new Archive().Directory("./").File(path, "{}").Pack();

        await Reader.InspectAsync(new MemoryStream(archive), CancellationToken.None);
        await UnpackAsync(archive);

        Assert.Equal("{}", Read(path));
    }

    [Fact]
    public async Task A_link_to_a_directory_inside_works()
    {
        await UnpackAsync(new Archive().Link("current", "versions/2").File("versions/2/main.tf", "# two").File("main.tf").Pack());

        Assert.Equal("# two", Read("current/main.tf"));
    }

    private static ConfigurationArchive Reader => new(new ConfigurationOptions { MaxUnpackedBytes = 1024 * 1024, MaxEntries = 20, MaxDepth = 12 });

    private string Read(string path) => File.ReadAllText(Path.Combine(Target, path));

    private Task UnpackAsync(byte[] archive)
    {
        Directory.CreateDirectory(Target);
        return Reader.UnpackAsync(new MemoryStream(archive), Target, CancellationToken.None);
    }

    private static void Unpack(byte[] archive, string directory) => new ConfigurationArchive(new ConfigurationOptions())
        .UnpackAsync(new MemoryStream(archive), directory, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>No writer makes one: where the link says where it leads, it says nothing.</summary>
    private static byte[] LinkToNowhere(string path)
    {
        const string target = "to-be-taken-away";
        var content = Gunzip(new Archive().Link(path, target).File("main.tf").Pack());
        // It stands among the attributes, which come first, and in the header.
        if (content.AsSpan().IndexOf("linkpath"u8) is >= 0 and var attribute)
        {
            Overwrite(content, attribute, "whatever"u8);
        }
        return Gzip(Overwrite(content, content.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(target)), new byte[target.Length]));
    }

    private static byte[] Overwrite(byte[] content, int at, ReadOnlySpan<byte> with)
    {
        with.CopyTo(content.AsSpan(at));
        return content;
    }

    private static byte[] Gzip(byte[] content)
    {
        var packed = new MemoryStream();
        using (var zip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionMode.Compress))
        {
            zip.Write(content);
        }
        return packed.ToArray();
    }

    private static byte[] Gunzip(byte[] packed)
    {
        using var zip = new System.IO.Compression.GZipStream(new MemoryStream(packed), System.IO.Compression.CompressionMode.Decompress);
        using var plain = new MemoryStream();
        zip.CopyTo(plain);
        return plain.ToArray();
    }
}
