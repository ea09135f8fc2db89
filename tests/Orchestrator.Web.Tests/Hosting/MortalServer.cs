using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Terraform;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Hosting;

/// <summary>A server that dies, on a data directory that it leaves behind.</summary>
public abstract class MortalServer : IDisposable
{
    private readonly string _outside = Directory.CreateTempSubdirectory("orchestrator-crash-test-").FullName;

    protected string Data => Path.Combine(_outside, "data");

    public void Dispose()
    {
        DirectoryRemoval.Remove(_outside);
        GC.SuppressFinalize(this);
    }

    /// <summary>The receipt is in the database, and it is right.</summary>
    protected async Task AssertWipedAsync(TestRun run, RunPhase phase)
    {
        Assert.Empty(ProcessTree.Find(run.Id));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(Data, "runs")));
        var options = new DbContextOptionsBuilder<OrchestratorDbContext>();
        DataServices.UseSqlite(options, $"Data Source={Path.Combine(Data, "orchestrator.db")};Pooling=False");
        await using var db = new OrchestratorDbContext(options.Options);
        PhaseRecord record = phase == RunPhase.Plan
            ? await db.Plans.FirstAsync(plan => plan.RunId == new RunId(run.Id))
            : await db.Applies.FirstAsync(apply => apply.RunId == new RunId(run.Id));
        var receipt = WipeReceipt.Parse(record.WipeReceiptJson);
        Assert.NotNull(receipt);
        Assert.True(receipt.IsClean, record.WipeReceiptJson);
        Assert.False(await db.RunTokens.AnyAsync(token => token.RunId == new RunId(run.Id) && token.RevokedAt == null));
    }
}
