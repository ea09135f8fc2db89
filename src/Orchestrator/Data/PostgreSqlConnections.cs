using Npgsql;

namespace Orchestrator.Data;

/// <summary>What makes statements cheaper, unless the operator's own connection string says otherwise.</summary>
public static class PostgreSqlConnections
{
    // A run's statements are some 150, the same for every run.
    private const int MaxPrepared = 250;

    // What a connection has carried out so often is worth the database's memory for its plan.
    private const int UsesBeforePrepared = 3;

    /// <param name="connectionString">The operator's.</param>
    public static string Tuned(string connectionString)
    {
        var tuned = new NpgsqlConnectionStringBuilder(connectionString);
        if (!tuned.ShouldSerialize("Max Auto Prepare"))
        {
            // Half of the database's time for a statement is reading and planning it.
            tuned.MaxAutoPrepare = MaxPrepared;
            tuned.AutoPrepareMinUsages = UsesBeforePrepared;
        }
        if (!tuned.ShouldSerialize("No Reset On Close"))
        {
            // Each connection that goes back to the pool would be reset, by six statements. None of ours has anything to reset: what holds
            // a session's lock closes it.
            tuned.NoResetOnClose = true;
        }
        return tuned.ConnectionString;
    }
}
