using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Configurations;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Workspaces;

namespace Orchestrator.Benchmarks.Scale;

/// <summary>What an installation of years has behind it, written straight into its database: the runs of two years in all its workspaces. Nearly
/// all are over; every fiftieth workspace waits for somebody to confirm a plan, and every hundredth has a run that waits behind that.</summary>
/// <remarks>One row of each kind is made as the server would make it, and multiplied by the database, with what is different in each.</remarks>
internal sealed class History(Database database, DatabaseProvider provider, int workspaces, int runs)
{
    private static readonly TimeSpan Past = TimeSpan.FromDays(730);

    /// <summary>A run by its number: the workspace that it is of, how many that workspace has had before, and how it has gone. Each workspace gets
    /// a run of each kind in turn.</summary>
    private string Runs => $"""
        (SELECT i, k, g, m, CASE
            WHEN g = {runs / workspaces - 2} AND k % 50 = 7 THEN 'planned'
            WHEN g = {runs / workspaces - 1} AND k % 100 = 7 THEN 'pending'
            WHEN m < 7 OR (g = {runs / workspaces - 1} AND k % 100 = 57) THEN 'planned_and_finished'
            WHEN m = 7 THEN 'errored' WHEN m = 8 THEN 'discarded' ELSE 'applied' END AS went
        FROM (SELECT i, i % {workspaces} AS k, i / {workspaces} AS g, (i / {workspaces} * 7 + i) % 20 AS m FROM numbers) AS number) AS run
        """;

    /// <summary>Looks only, and nothing is applied.</summary>
    private string IsPlanOnly => $"(m < 4 AND went = 'planned_and_finished') OR (g = {runs / workspaces - 1} AND k % 100 = 57)";

    /// <param name="measured">One of the workspaces; it gets as many runs as each.</param>
    public async Task WriteAsync(WorkspaceId measured)
    {
        await using var db = database.Open();
        db.Database.SetCommandTimeout(TimeSpan.FromHours(1));
        var (run, plan, apply, happening) = await WriteFirstAsync(db, measured);
        await db.Database.OpenConnectionAsync();
        if (provider == DatabaseProvider.Sqlite)
        {
            // Nothing is lost that could not be made again.
            await ExecuteAsync(db, "PRAGMA journal_mode=DELETE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; PRAGMA cache_size=-400000");
        }
        else
        {
            await TrustAsync(db);
        }

        string Of(string number) => $"CASE WHEN {number} = 0 THEN '{measured.Value}' ELSE {Id("ws-", number)} END";
        var (created, finished) = (At("i"), At("i", after: 60));
        var waits = $"i % 50 = 7";
        await MultiplyAsync<Workspace>(db, measured.Value, workspaces, "(SELECT i FROM numbers WHERE i > 0) AS workspace",
            ("Id", Id("ws-", "i")), ("Name", "'measured-' || CAST(100000 + i AS TEXT)"), ("CurrentRunId", Id("run-", $"i + {runs - (2 * workspaces)}")),
            ("LockedByRunId", $"CASE WHEN {waits} THEN {Id("run-", $"i + {runs - (2 * workspaces)}")} END"),
            ("LockedAt", $"CASE WHEN {waits} THEN {At($"i + {runs - (2 * workspaces)}")} END"));
        await MultiplyAsync<ConfigurationVersion>(db, run.ConfigurationVersionId.Value, runs,
            $"(SELECT i, i % {workspaces} AS k FROM numbers WHERE i / {workspaces} % 5 = 0) AS version",
            ("Id", Id("cv-", "i")), ("WorkspaceId", Of("k")), ("CreatedAt", created), ("UploadedAt", created));
        await MultiplyAsync<Run>(db, run.Id.Value, runs, Runs,
            ("Id", Id("run-", "i")), ("WorkspaceId", Of("k")), ("ConfigurationVersionId", Id("cv-", $"i - g % 5 * {workspaces}")), ("Status", "went"),
            ("Operation", $"CASE WHEN {IsPlanOnly} THEN 'plan_only' ELSE 'plan_and_apply' END"), ("Options_PlanOnly", $"({IsPlanOnly})"),
            ("CreatedAt", created), ("UpdatedAt", finished), ("HeartbeatAt", finished));
        await MultiplyAsync<Plan>(db, plan.Id.Value, runs, Runs,
            ("Id", Id("plan-", "i")), ("RunId", Id("run-", "i")), ("Status", "CASE WHEN went = 'pending' THEN 'pending' ELSE 'finished' END"),
            ("QueuedAt", created), ("StartedAt", At("i", after: 1)), ("FinishedAt", At("i", after: 20)));
        await MultiplyAsync<Apply>(db, apply.Id.Value, runs, Runs,
            ("Id", Id("apply-", "i")), ("RunId", Id("run-", "i")),
            ("Status", "CASE went WHEN 'applied' THEN 'finished' WHEN 'planned' THEN 'pending' WHEN 'pending' THEN 'pending' ELSE 'unreachable' END"),
            ("QueuedAt", At("i", after: 30)), ("StartedAt", At("i", after: 31)), ("FinishedAt", finished));
        await MultiplyAsync<RunEvent>(db, happening.Id.Value, runs, $"{Runs} CROSS JOIN (SELECT 0 AS e UNION ALL SELECT 1) AS event",
            ("Id", Id("re-", "i * 2 + e")), ("RunId", Id("run-", "i")), ("Action", "CASE e WHEN 0 THEN 'pending' ELSE went END"),
            ("CreatedAt", $"CASE e WHEN 0 THEN {created} ELSE {finished} END"));
        await db.Database.CloseConnectionAsync();
        await database.AnalyzeAsync();
    }

    /// <summary>A run that is over, with what belongs to it.</summary>
    private static async Task<(Run Run, Plan Plan, Apply Apply, RunEvent Happening)> WriteFirstAsync(OrchestratorDbContext db, WorkspaceId measured)
    {
        var workspace = await db.Workspaces.FirstAsync(row => row.Id == measured);
        var configuration = await db.ConfigurationVersions.FirstAsync(row => row.WorkspaceId == measured);
        var at = DateTimeOffset.UtcNow - Past;
        var run = PastRun.Of(workspace.OrganizationId, measured, configuration.Id, at);
        db.Entry(db.Runs.Add(run).Entity).Property(row => row.Status).CurrentValue = RunStatus.Applied;
        var plan = new Plan { Id = Identifier.New<PlanId>(), RunId = run.Id };
        var apply = new Apply { Id = Identifier.New<ApplyId>(), RunId = run.Id };
        db.Plans.Add(plan);
        db.Applies.Add(apply);
        foreach (var phase in new PhaseRecord[] { plan, apply })
        {
            phase.Status = PhaseStatus.Finished;
            (phase.QueuedAt, phase.StartedAt, phase.FinishedAt, phase.LogLength) = (at, at, at, 2000);
            (phase.Additions, phase.Changes, phase.Destructions, phase.Worker) = (1, 0, 0, "worker:1:measured");
            phase.StepsJson = PhaseStep.Write([new PhaseStep("prepare", at, 5), new PhaseStep("init", at, 400), new PhaseStep("plan", at, 2000)]);
            phase.WipeReceiptJson = new WipeReceipt(at, 0, ProcessesGone: true, DirectoryRemoved: true, TokenRevoked: true, ["log", "plan"], []).ToJson();
        }
        var happening = RunEvent.Of(run.Id, EnumText.Of(RunStatus.Applied), at, description: "Measured");
        db.RunEvents.Add(happening);
        await db.SaveChangesAsync();
        return (run, plan, apply, happening);
    }

    /// <summary>Inserts a row for each of <paramref name="source"/>'s: as the first one, but for these columns.</summary>
    private static async Task MultiplyAsync<T>(
        OrchestratorDbContext db, string first, int numbers, string source, params (string Column, string Value)[] different)
    {
        var table = db.Model.FindEntityType(typeof(T))!.GetTableMappings().First().Table;
        var columns = table.Columns.Select(column => column.Name).ToArray();
        var values = columns.Select(column => different.FirstOrDefault(one => one.Column == column).Value ?? $"first.\"{column}\"");
        if (different.FirstOrDefault(one => !columns.Contains(one.Column)).Column is { } unknown)
        {
            throw new InvalidOperationException($"{table.Name} has no column {unknown} any more.");
        }
        await ExecuteAsync(db, $"CREATE TEMP TABLE first AS SELECT * FROM \"{table.Name}\" WHERE \"Id\" = '{first}'");
        await ExecuteAsync(db, string.Create(CultureInfo.InvariantCulture, $"""
            WITH RECURSIVE numbers(i) AS (SELECT CAST(0 AS bigint) UNION ALL SELECT i + 1 FROM numbers WHERE i < {numbers - 1})
            INSERT INTO "{table.Name}" ({string.Join(", ", columns.Select(column => $"\"{column}\""))})
            SELECT {string.Join(", ", values)} FROM {source} CROSS JOIN first
            """));
        await ExecuteAsync(db, "DROP TABLE first");
    }

    /// <summary>An identifier that is always the same for a number. Those of neighbours are far apart, as those of real ones are.</summary>
    private static string Id(string prefix, string number) =>
        string.Create(CultureInfo.InvariantCulture, $"'{prefix}' || CAST(1000000000000000 + ({number}) * 736878713 % 1000000007 AS TEXT)");

    /// <summary>When a run of this number was made, or some seconds after that.</summary>
    private string At(string number, int after = 0)
    {
        var seconds = string.Create(CultureInfo.InvariantCulture,
            $"{(DateTimeOffset.UtcNow - Past).ToUnixTimeSeconds() + after} + ({number}) * {(long)Past.TotalSeconds} / {runs}");
        return provider == DatabaseProvider.Sqlite ? $"strftime('%Y-%m-%d %H:%M:%S', {seconds}, 'unixepoch')" : $"to_timestamp({seconds})";
    }

    /// <summary>Each reference is looked after otherwise, which takes half of the time. Whoever may not switch that off waits longer.</summary>
    private static async Task TrustAsync(OrchestratorDbContext db)
    {
        try
        {
            await ExecuteAsync(db, "SET session_replication_role = replica");
        }
        catch (PostgresException denied) when (denied.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            Report.Say("The user is no superuser, so writing the runs takes longer.");
        }
    }

    private static async Task ExecuteAsync(OrchestratorDbContext db, string sql)
    {
        DbCommand command = db.Database.GetDbConnection().CreateCommand();
        await using (command)
        {
            command.CommandText = sql;
            command.CommandTimeout = 3600;
            await command.ExecuteNonQueryAsync();
        }
    }
}
