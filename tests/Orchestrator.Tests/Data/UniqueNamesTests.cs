using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Orchestrator.Data;
using Orchestrator.Organizations;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Data;

public sealed class UniqueNamesTests
{
    [Theory, EachDatabase]
    public async Task A_transaction_goes_on_after_a_name_was_taken(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        await using (var db = installation.Open())
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            db.Organizations.Add(Named("first"));
            Assert.True(await db.TrySaveAsync(CancellationToken.None));
            db.Organizations.Add(Named("first"));
            Assert.False(await db.TrySaveAsync(CancellationToken.None));
            db.ChangeTracker.Clear();
            db.Organizations.Add(Named("second"));
            await db.SaveChangesAsync();
            await transaction.CommitAsync();
        }

        await using var after = installation.Open();
        Assert.Equal(["first", "second"], await after.Organizations.Select(row => row.Name).Where(name => name == "first" || name == "second").OrderBy(name => name).ToListAsync());
    }

    [Theory, EachDatabase]
    public async Task Nobody_else_pays_for_a_savepoint(DatabaseProvider provider)
    {
        var savepoints = new Savepoints();
        await using var installation = await Installation.CreateAsync(provider);
        await using var plain = installation.Open();
        var options = (DbContextOptions<OrchestratorDbContext>)plain.GetService<IDbContextOptions>();
        await using var db = new OrchestratorDbContext(new DbContextOptionsBuilder<OrchestratorDbContext>(options).AddInterceptors(savepoints).Options);
        await using var transaction = await db.Database.BeginTransactionAsync();

        db.Organizations.Add(Named("first"));
        await db.SaveChangesAsync();
        Assert.Equal(0, savepoints.Made);
        db.Organizations.Add(Named("second"));
        await db.TrySaveAsync(CancellationToken.None);

        Assert.Equal(1, savepoints.Made);
    }

    private static Organization Named(string name) => new()
    {
        Id = Identifier.New<OrganizationId>(), Name = name, Email = "admin@example.com", CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private sealed class Savepoints : DbTransactionInterceptor
    {
        public int Made { get; private set; }

        public override Task CreatedSavepointAsync(DbTransaction transaction, TransactionEventData eventData, CancellationToken cancellationToken = default)
        {
            Made++;
            return Task.CompletedTask;
        }
    }
}
