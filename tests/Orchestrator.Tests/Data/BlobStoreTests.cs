using System.Text;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Blobs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class BlobStoreTests
{
    private static readonly byte[] Secret = Encoding.UTF8.GetBytes("{\"password\":\"correct horse battery staple\"}");

    private readonly BlobKey _key = BlobKey.State(Identifier.New<StateVersionId>());

    [Theory, EachDatabase]
    public async Task What_was_written_can_be_read(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var blobs = installation.Get<IBlobStore>();
        var content = new byte[300_000];
        new Random(7).NextBytes(content);

        await blobs.WriteAsync(_key, content, CancellationToken.None);

        Assert.Equal(content, await blobs.ReadAsync(_key, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task Nothing_is_read_where_nothing_was_written(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);

        Assert.Null(await installation.Get<IBlobStore>().ReadAsync(_key, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_second_write_replaces_the_first(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var blobs = installation.Get<IBlobStore>();
        await blobs.WriteAsync(_key, new byte[5000], CancellationToken.None);

        await blobs.WriteAsync(_key, Secret, CancellationToken.None);

        Assert.Equal(Secret, await blobs.ReadAsync(_key, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_reader_sees_the_old_value_or_the_new_one_and_nothing_between(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var blobs = installation.Get<IBlobStore>();
        byte[] Value(byte number) => [.. Enumerable.Repeat(number, 200_000)];
        await blobs.WriteAsync(_key, Value(0), CancellationToken.None);

        var writing = Task.Run(async () =>
        {
            for (byte number = 1; number <= 20; number++)
            {
                await blobs.WriteAsync(_key, Value(number), CancellationToken.None);
            }
        });
        do
        {
            var read = await blobs.ReadAsync(_key, CancellationToken.None);
            Assert.NotNull(read);
            Assert.Equal(200_000, read.Length);
            Assert.Equal(-1, read.AsSpan().IndexOfAnyExcept(read[0]));
        }
        while (!writing.IsCompleted);
        await writing;
    }

    [Theory, EachDatabase]
    public async Task Of_many_who_write_the_same_key_at_once_none_fails_and_one_has_written_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        IBlobStore[] stores = [installation.Get<IBlobStore>(), new DatabaseBlobStore(installation.Databases, installation.Get<SecretBox>())];
        foreach (var blobs in stores)
        {
            await Task.WhenAll(Enumerable.Range(1, 20).Select(number => Task.Run(
                () => blobs.WriteAsync(_key, [.. Enumerable.Repeat((byte)number, 5000)], CancellationToken.None))));

            var read = await blobs.ReadAsync(_key, CancellationToken.None);
            Assert.Equal(5000, read!.Length);
            Assert.Equal(-1, read.AsSpan().IndexOfAnyExcept(read[0]));
        }
    }

    [Theory, EachDatabase]
    public async Task A_write_that_is_cancelled_leaves_the_old_value_and_nothing_else(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var blobs = installation.Get<IBlobStore>();
        await blobs.WriteAsync(_key, Secret, CancellationToken.None);
        var before = FilesIn(installation);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => blobs.WriteAsync(_key, new byte[100], new CancellationToken(canceled: true)));

        Assert.Equal(Secret, await blobs.ReadAsync(_key, CancellationToken.None));
        Assert.Equal(before, FilesIn(installation));
    }

    [Theory, EachDatabase]
    public async Task Deleting_removes_it_and_deleting_again_is_no_error(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var blobs = installation.Get<IBlobStore>();
        await blobs.WriteAsync(_key, Secret, CancellationToken.None);

        await blobs.DeleteAsync(_key, CancellationToken.None);
        await blobs.DeleteAsync(_key, CancellationToken.None);

        Assert.Null(await blobs.ReadAsync(_key, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task What_rests_cannot_be_read_without_the_keys(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);

        await installation.Get<IBlobStore>().WriteAsync(_key, Secret, CancellationToken.None);

        var resting = await RestingAsync(installation);
        Assert.NotEmpty(resting);
        Assert.All(resting, bytes => Assert.Equal(-1, bytes.AsSpan().IndexOf("horse"u8)));
    }

    [Fact]
    public async Task Only_the_servers_user_may_read_the_files()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);

        await installation.Get<IBlobStore>().WriteAsync(_key, Secret, CancellationToken.None);

        var file = Assert.Single(FilesIn(installation));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
    }

    private static string[] FilesIn(Installation installation) =>
        Directory.GetFiles(installation.Get<DataDirectory>().Blobs, "*", SearchOption.AllDirectories);

    private static async Task<IReadOnlyList<byte[]>> RestingAsync(Installation installation)
    {
        await using var db = installation.Open();
        var rows = await db.Blobs.Select(blob => blob.Content).ToListAsync();
        return [.. rows, .. FilesIn(installation).Select(File.ReadAllBytes)];
    }
}
