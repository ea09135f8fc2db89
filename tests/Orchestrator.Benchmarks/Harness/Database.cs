using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orchestrator.Data;
using Orchestrator.Projects;
using Orchestrator.Workspaces;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>The server's own database, to read what its API does not tell and to fill it faster than through the API.</summary>
internal sealed class Database(BenchmarkOptions options, string dataDirectory) : IDisposable
{
    private readonly NpgsqlDataSource? _postgres =
        options.Database == DatabaseProvider.PostgreSql ? NpgsqlDataSource.Create(options.ConnectionString!) : null;

    public OrchestratorDbContext Open()
    {
        var builder = new DbContextOptionsBuilder<OrchestratorDbContext>();
        if (_postgres is null)
        {
            DataServices.UseSqlite(builder, $"Data Source={Path.Combine(dataDirectory, "orchestrator.db")}");
        }
        else
        {
            DataServices.UsePostgreSql(builder, _postgres);
        }
        return new OrchestratorDbContext(builder.Options);
    }

    /// <summary>Adds workspaces named by their numbers to the organisation's default project.</summary>
    public async Task AddWorkspacesAsync(string organization, int count)
    {
        await using var db = Open();
        var project = await ProjectOfAsync(db, organization);
        db.Workspaces.AddRange(Enumerable.Range(0, count).Select(number => new Workspace
        {
            Id = Identifier.New<WorkspaceId>(),
            OrganizationId = project.OrganizationId,
            ProjectId = project.Id,
            Name = $"measured-{number:D5}",
            CreatedAt = project.CreatedAt,
            UpdatedAt = project.CreatedAt,
        }));
        await db.SaveChangesAsync();
    }

    public static Task<Project> ProjectOfAsync(OrchestratorDbContext db, string organization) => (
        from row in db.Projects
        join owner in db.Organizations on row.OrganizationId equals owner.Id
        where owner.Name == organization
        select row).FirstAsync();

    /// <summary>What PostgreSQL does by itself a minute after much has changed. SQLite does it for nobody.</summary>
    public async Task AnalyzeAsync()
    {
        if (_postgres is not null)
        {
            await using var db = Open();
            db.Database.SetCommandTimeout(TimeSpan.FromMinutes(30));
            await db.Database.ExecuteSqlRawAsync("VACUUM (ANALYZE)");
        }
    }

    /// <summary>Looks often until the rows are as they should be. What is measured is read from them: how often one looks makes no difference.</summary>
    /// <exception cref="TimeoutException">They have not become so.</exception>
    public static async Task UntilAsync(string what, Func<Task<bool>> isSo)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isSo())
        {
            try
            {
                await look.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited two minutes for {what}.");
            }
        }
    }

    public void Dispose() => _postgres?.Dispose();
}
