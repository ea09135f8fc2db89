using Npgsql;
using Orchestrator.Data;

namespace Orchestrator.Tests.Data;

public sealed class PostgreSqlConnectionsTests
{
    [Fact]
    public void Statements_are_prepared_and_connections_not_reset()
    {
        var tuned = new NpgsqlConnectionStringBuilder(PostgreSqlConnections.Tuned("Host=db.example;Username=orchestrator;Password=secret"));

        Assert.True(tuned.MaxAutoPrepare > 0);
        Assert.True(tuned.NoResetOnClose);
        Assert.Equal(("db.example", "orchestrator", "secret"), (tuned.Host, tuned.Username, tuned.Password));
    }

    /// <summary>Between this server and the database may be a pooler that can do neither.</summary>
    [Theory]
    [InlineData("Max Auto Prepare=0;No Reset On Close=false")]
    [InlineData("MaxAutoPrepare=0;NoResetOnClose=false")]
    public void What_the_operator_has_said_stays(string said)
    {
        var tuned = new NpgsqlConnectionStringBuilder(PostgreSqlConnections.Tuned($"Host=db.example;{said}"));

        Assert.Equal((0, false), (tuned.MaxAutoPrepare, tuned.NoResetOnClose));
    }
}
