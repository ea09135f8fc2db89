using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class WholeFileTests
{
    [Fact]
    public async Task A_file_takes_the_place_of_another_whole_and_only_its_own_user_reads_it()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "file");
        await File.WriteAllTextAsync(path, "much longer than what comes");

        Assert.True(await WholeFile.WriteAsync(path, "now"u8.ToArray(), CancellationToken.None));

        Assert.Equal("now", await File.ReadAllTextAsync(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        var shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        await WholeFile.WriteAsync(path, "shared"u8.ToArray(), CancellationToken.None, shared, toDisk: false);
        Assert.Equal(shared, File.GetUnixFileMode(path));
        Assert.Single(Directory.EnumerateFiles(directory.Path));
    }

    [Fact]
    public async Task What_is_not_wanted_any_more_or_breaks_off_leaves_everything_as_it_was()
    {
        using var directory = new TemporaryDirectory();
        var path = Path.Combine(directory.Path, "file");
        await WholeFile.WriteAsync(path, "before"u8.ToArray(), CancellationToken.None);

        Assert.False(await WholeFile.WriteAsync(path, "now"u8.ToArray(), CancellationToken.None, isStillWanted: () => Task.FromResult(false)));
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            WholeFile.WriteAsync(path, "now"u8.ToArray(), CancellationToken.None, isStillWanted: () => throw new InvalidOperationException()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => WholeFile.WriteAsync(path, "now"u8.ToArray(), new CancellationToken(canceled: true)));

        Assert.Equal("before", await File.ReadAllTextAsync(path));
        Assert.Single(Directory.EnumerateFiles(directory.Path));
    }

    [Fact]
    public async Task A_link_in_its_place_is_replaced_and_not_followed()
    {
        using var directory = new TemporaryDirectory();
        var (path, elsewhere) = (Path.Combine(directory.Path, "file"), Path.Combine(directory.Path, "elsewhere"));
        await File.WriteAllTextAsync(elsewhere, "not mine");
        File.CreateSymbolicLink(path, elsewhere);

        await WholeFile.WriteAsync(path, "mine"u8.ToArray(), CancellationToken.None);

        Assert.Equal("not mine", await File.ReadAllTextAsync(elsewhere));
        Assert.Null(new FileInfo(path).LinkTarget);
    }
}
