using System.Data.Common;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Runs;

/// <summary>With a million runs behind it, an installation takes a run in as quickly as on its first day. SQLite says how it will look for rows, and
/// says the same whether there are any.</summary>
public sealed partial class RunIndicesTests
{
    [Fact]
    public async Task Nothing_on_a_runs_way_to_its_worker_looks_through_all_runs_of_an_organisation_a_workspace_or_a_pool()
    {
        var asked = new AskedStatements();
        await using var installation = await Installation.CreateAsync(
            DatabaseProvider.Sqlite, services => services.ConfigureDbContext<OrchestratorDbContext>(options => options.AddInterceptors(asked)));
        var workspace = await installation.ReadyWorkspaceAsync();
        asked.Statements.Clear();

        var run = await installation.QueueAsync(workspace.Id);
        await using (var db = installation.Open())
        {
            await db.PositionsAsync([run, await installation.QueueAsync(workspace.Id)], CancellationToken.None);
        }
        await installation.Get<RunRecovery>().RecoverAsync(CancellationToken.None);
        await installation.ClaimAsync(run.Id);

        await using var connection = new SqliteConnection(installation.ConnectionString);
        await connection.OpenAsync();
        var ways = asked.Statements.ToDictionary(sql => sql, sql => WaysOf(connection, sql));
        Assert.Contains(ways.Values, way => way.Contains("IX_Runs_AgentPoolId_Status (AgentPoolId=? AND Status=?)", StringComparison.Ordinal));
        Assert.Contains(ways.Values, way => way.Contains("IX_Runs_OrganizationId_Status (OrganizationId=? AND Status=?)", StringComparison.Ordinal));
        Assert.Contains(ways.Values, way => way.Contains("IX_Runs_WorkspaceId_Status (WorkspaceId=? AND Status=?)", StringComparison.Ordinal));
        Assert.DoesNotContain(ways, statement => LooksThroughMany().IsMatch(statement.Value));
    }

    private static string WaysOf(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + sql;
        foreach (var name in Parameters().Matches(sql).Select(parameter => parameter.Value).Distinct())
        {
            command.Parameters.AddWithValue(name, DBNull.Value);
        }
        using var reader = command.ExecuteReader();
        var ways = new List<string>();
        while (reader.Read())
        {
            ways.Add(reader.GetString(3));
        }
        return string.Join('\n', ways);
    }

    [GeneratedRegex(@"IX_Runs_\w+ \(\w+Id=\?\)|SCAN \w+ USING (COVERING )?INDEX IX_Runs_")]
    private static partial Regex LooksThroughMany();

    [GeneratedRegex(@"@\w+")]
    private static partial Regex Parameters();

    /// <summary>All that is asked of the database about runs.</summary>
    private sealed class AskedStatements : DbCommandInterceptor
    {
        public HashSet<string> Statements { get; } = [];

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Note(command);
            return new(result);
        }

        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
        {
            Note(command);
            return new(result);
        }

        private void Note(DbCommand command)
        {
            if (command.CommandText.Contains("\"Runs\"", StringComparison.Ordinal) && !command.CommandText.StartsWith("INSERT", StringComparison.Ordinal))
            {
                lock (Statements)
                {
                    Statements.Add(command.CommandText);
                }
            }
        }
    }
}
