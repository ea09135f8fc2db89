using Microsoft.Extensions.Options;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class DataDirectoryTests
{
    [Fact]
    public void Two_processes_cannot_share_a_data_directory_on_sqlite()
    {
        using var temporary = new TemporaryDirectory();
        using var first = new DataDirectory(Settings(temporary, DatabaseProvider.Sqlite));

        var refused = Assert.Throws<DataDirectoryInUseException>(() => new DataDirectory(Settings(temporary, DatabaseProvider.Sqlite)));

        Assert.Contains(temporary.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_directory_is_free_again_when_its_process_has_ended()
    {
        using var temporary = new TemporaryDirectory();
        new DataDirectory(Settings(temporary, DatabaseProvider.Sqlite)).Dispose();

        using var second = new DataDirectory(Settings(temporary, DatabaseProvider.Sqlite));

        Assert.Equal(temporary.Path, second.Root);
    }

    [Fact]
    public void Workers_on_postgresql_may_share_one()
    {
        using var temporary = new TemporaryDirectory();
        using var first = new DataDirectory(Settings(temporary, DatabaseProvider.PostgreSql));
        using var second = new DataDirectory(Settings(temporary, DatabaseProvider.PostgreSql));

        Assert.Equal(first.Runs, second.Runs);
    }

    [Fact]
    public void Workers_that_hold_one_after_another_on_postgresql_know_that_it_is_the_same_place()
    {
        using var temporary = new TemporaryDirectory();
        string? place;
        using (var first = new DataDirectory(Settings(temporary, DatabaseProvider.PostgreSql)))
        {
            using var second = new DataDirectory(Settings(temporary, DatabaseProvider.PostgreSql));
            Assert.Null(second.Place);
            place = first.Place;
        }

        using var next = new DataDirectory(Settings(temporary, DatabaseProvider.PostgreSql));
        using var elsewhere = new TemporaryDirectory();
        using var other = new DataDirectory(Settings(elsewhere, DatabaseProvider.PostgreSql));

        Assert.NotNull(place);
        Assert.Equal(place, next.Place);
        Assert.NotEqual(place, other.Place);
    }

    [Fact]
    public void Only_the_servers_user_may_enter_it()
    {
        using var temporary = new TemporaryDirectory();
        var options = Options.Create(new DataOptions { DataDirectory = Path.Combine(temporary.Path, "data") });
        using var data = new DataDirectory(options);

        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.All([data.Root, data.Blobs, data.Keys, data.Runs, data.Tls], path => Assert.Equal(mine, File.GetUnixFileMode(path)));
    }

    private static IOptions<DataOptions> Settings(TemporaryDirectory directory, DatabaseProvider provider) => Options.Create(new DataOptions
    {
        DataDirectory = directory.Path,
        Database = new DatabaseOptions { Provider = provider },
    });
}
