using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class SqlitePatienceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_writer_waits_for_the_one_before_it()
    {
        await using var first = Open(patience: 30);
        await using var second = Open(patience: 30);
        await first.Database.ExecuteSqlRawAsync("CREATE TABLE \"Words\" (\"Word\" TEXT)", TestContext.Current.CancellationToken);
        // Opening a connection writes, too.
        await second.Database.ExecuteSqlRawAsync("INSERT INTO \"Words\" VALUES ('zero')", TestContext.Current.CancellationToken);
        var transaction = await first.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);

        var writing = Task.Factory.StartNew(
            () => second.Database.ExecuteSqlRaw("INSERT INTO \"Words\" VALUES ('second')"), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await first.Database.ExecuteSqlRawAsync("INSERT INTO \"Words\" VALUES ('first')", TestContext.Current.CancellationToken);
        Assert.False(writing.IsCompleted);
        await transaction.CommitAsync(TestContext.Current.CancellationToken);
        await writing.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        Assert.Equal(["zero", "first", "second"], await first.Database.SqlQueryRaw<string>("SELECT \"Word\" AS \"Value\" FROM \"Words\" ORDER BY rowid").ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_writer_gives_up_when_its_patience_is_at_an_end()
    {
        await using var first = Open(patience: 30);
        await using var second = Open(patience: 1);
        await first.Database.ExecuteSqlRawAsync("CREATE TABLE \"Words\" (\"Word\" TEXT)", TestContext.Current.CancellationToken);
        await using var transaction = await first.Database.BeginTransactionAsync(TestContext.Current.CancellationToken);

        var late = Assert.Throws<SqliteException>(() => second.Database.ExecuteSqlRaw("INSERT INTO \"Words\" VALUES ('second')"));

        Assert.Equal(5, late.SqliteErrorCode);
    }

    private OrchestratorDbContext Open(int patience)
    {
        var options = new DbContextOptionsBuilder<OrchestratorDbContext>();
        DataServices.UseSqlite(options, $"Data Source={Path.Combine(_directory.Path, "patience.db")};Default Timeout={patience};Pooling=False");
        return new OrchestratorDbContext(options.Options);
    }
}
