using System.Data.Common;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Orchestrator.Data;

/// <summary>How a writer waits for another one's transaction. SQLite's own way is to sleep for longer each time, up to a tenth of a second, when a
/// transaction here takes one or two milliseconds: with four runs at once, a run would sleep for forty in all.</summary>
internal static class SqlitePatience
{
    // Then whoever has the lock takes his time.
    private const int Quick = 50;
    private static readonly TimeSpan QuickPause = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongPause = TimeSpan.FromMilliseconds(20);

    // SQLite keeps its address.
    private static readonly Waiting Handler = Wait;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Waiting(nint patience, int calls);

    public static void Give(DbConnection connection)
    {
        var open = (SqliteConnection)connection;
        _ = BusyHandler(open.Handle!.DangerousGetHandle(), Handler, open.DefaultTimeout * 1000);
    }

    /// <param name="patience">In milliseconds.</param>
    /// <param name="calls">How often it has been asked for this lock before.</param>
    /// <returns>0 when the lock is not to be waited for any longer.</returns>
    private static int Wait(nint patience, int calls)
    {
        var waited = (Math.Min(calls, Quick) * QuickPause) + (Math.Max(0, calls - Quick) * LongPause);
        if (waited >= TimeSpan.FromMilliseconds(patience))
        {
            return 0;
        }
        Thread.Sleep(calls < Quick ? QuickPause : LongPause);
        return 1;
    }

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_busy_handler", CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static extern int BusyHandler(nint database, Waiting handler, nint argument);
}
