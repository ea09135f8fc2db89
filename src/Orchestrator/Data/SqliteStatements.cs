using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Orchestrator.Data;

/// <summary>Lets a connection to SQLite prepare each of its statements once. To prepare one takes several times as long as to carry it out,
/// and Entity Framework has a new command for each time.</summary>
/// <remarks>A statement lives no longer than its connection is open, so <see cref="SqliteOpenConnection"/> leaves it open.</remarks>
internal sealed class SqliteStatements : DbCommandInterceptor
{
    public static readonly SqliteStatements Instance = new();

    private readonly ConditionalWeakTable<SqliteConnection, Shelf> _shelves = [];

    public override InterceptionResult<DbCommand> CommandCreating(CommandCorrelatedEventData eventData, InterceptionResult<DbCommand> result) =>
        InterceptionResult<DbCommand>.SuppressWithResult(new Command(_shelves.GetValue((SqliteConnection)eventData.Connection, connection => new Shelf(connection))));

    /// <summary>The commands of one connection that nobody uses now, by their text. Those used last are kept.</summary>
    private sealed class Shelf
    {
        // A run from its creation to its end takes some 150 different statements, of a few kilobytes each.
        private const int Places = 256;

        private readonly SqliteConnection _connection;
        private readonly LinkedList<SqliteCommand> _idle = [];
        private readonly Dictionary<string, LinkedListNode<SqliteCommand>> _byText = [];

        public Shelf(SqliteConnection connection)
        {
            _connection = connection;
            connection.StateChange += (_, change) =>
            {
                // Their statements belong to a handle that somebody else may get now.
                if (change.CurrentState == ConnectionState.Closed)
                {
                    Closings++;
                    _idle.Clear();
                    _byText.Clear();
                }
            };
        }

        public int Closings { get; private set; }

        public SqliteCommand Take(string text)
        {
            if (_byText.Remove(text, out var node))
            {
                _idle.Remove(node);
                return node.Value;
            }
            var made = _connection.CreateCommand();
            made.CommandText = text;
            return made;
        }

        /// <param name="takenAt">The number of closings when it was taken.</param>
        public void Return(SqliteCommand command, int takenAt)
        {
            // Another of its text may have come back before it.
            if (takenAt != Closings || _byText.ContainsKey(command.CommandText))
            {
                command.Dispose();
                return;
            }
            command.Parameters.Clear();
            command.Transaction = null;
            _byText.Add(command.CommandText, _idle.AddFirst(command));
            if (_idle.Count > Places)
            {
                var last = _idle.Last!.Value;
                _idle.RemoveLast();
                _byText.Remove(last.CommandText);
                last.Dispose();
            }
        }
    }

    /// <summary>What Entity Framework has in hand: as soon as it has a text, it is the command on the shelf.</summary>
    private sealed class Command(Shelf shelf) : DbCommand
    {
        private SqliteCommand? _taken;
        private int _takenAt;

        [AllowNull]
        public override string CommandText
        {
            get => _taken?.CommandText ?? "";
            set
            {
                GiveBack();
                _takenAt = shelf.Closings;
                _taken = string.IsNullOrEmpty(value) ? null : shelf.Take(value);
            }
        }

        public override int CommandTimeout
        {
            get => Taken.CommandTimeout;
            set => Taken.CommandTimeout = value;
        }

        public override CommandType CommandType { get; set; } = CommandType.Text;

        public override bool DesignTimeVisible { get; set; }

        public override UpdateRowSource UpdatedRowSource { get; set; }

        protected override DbConnection? DbConnection
        {
            get => Taken.Connection;
            set => throw new NotSupportedException("The command is its connection's.");
        }

        protected override DbParameterCollection DbParameterCollection => Taken.Parameters;

        protected override DbTransaction? DbTransaction
        {
            get => Taken.Transaction;
            set => Taken.Transaction = (SqliteTransaction?)value;
        }

        private SqliteCommand Taken => _taken ?? throw new InvalidOperationException("The command has no text yet.");

        public override void Cancel() => Taken.Cancel();

        public override int ExecuteNonQuery() => Taken.ExecuteNonQuery();

        public override object? ExecuteScalar() => Taken.ExecuteScalar();

        public override void Prepare() => Taken.Prepare();

        public override Task<int> ExecuteNonQueryAsync(CancellationToken cancellationToken) => Taken.ExecuteNonQueryAsync(cancellationToken);

        public override Task<object?> ExecuteScalarAsync(CancellationToken cancellationToken) => Taken.ExecuteScalarAsync(cancellationToken);

        protected override DbParameter CreateDbParameter() => Taken.CreateParameter();

        protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) => Taken.ExecuteReader(behavior);

        protected override async Task<DbDataReader> ExecuteDbDataReaderAsync(CommandBehavior behavior, CancellationToken cancellationToken) =>
            await Taken.ExecuteReaderAsync(behavior, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                GiveBack();
            }
            base.Dispose(disposing);
        }

        private void GiveBack()
        {
            if (_taken is { } command)
            {
                _taken = null;
                shelf.Return(command, _takenAt);
            }
        }
    }
}
