using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class SqliteTuningTests
{
    [Fact]
    public async Task Every_connection_is_tuned_new_or_from_the_pool()
    {
        using var directory = new TemporaryDirectory();
        var options = new DbContextOptionsBuilder<OrchestratorDbContext>();
        DataServices.UseSqlite(options, $"Data Source={Path.Combine(directory.Path, "tuned.db")};Default Timeout=7");

        for (var round = 0; round < 3; round++)
        {
            // Two at once, so that the pool has to give out a new one beside the old.
            await using var one = new OrchestratorDbContext(options.Options);
            await using var two = new OrchestratorDbContext(options.Options);
            await one.Database.OpenConnectionAsync(TestContext.Current.CancellationToken);
            two.Database.OpenConnection();
            foreach (var db in new[] { one, two })
            {
                Assert.Equal(("wal", "2", "1"), (Read(db, "journal_mode"), Read(db, "synchronous"), Read(db, "foreign_keys")));
            }
            if (round == 1)
            {
                SqliteConnection.ClearPool((SqliteConnection)one.Database.GetDbConnection());
            }
        }
    }

    private static string Read(OrchestratorDbContext db, string setting)
    {
        using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = $"PRAGMA {setting}";
        return command.ExecuteScalar()!.ToString()!;
    }
}
