using System.Runtime.InteropServices;

namespace Orchestrator.Tests.Support;

/// <summary>Does something with the file rights of somebody who has none in particular, also when the tests run as root.</summary>
internal static class Unprivileged
{
    public static readonly uint User = Environment.IsPrivilegedProcess ? 65534u : geteuid();

    public static T Do<T>(Func<T> work)
    {
        T result = default!;
        // The file system's user is a thread's own; the thread ends with it.
        var thread = new Thread(() =>
        {
            _ = setfsuid(User);
            result = work();
        });
        thread.Start();
        thread.Join();
        return result;
    }

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int setfsuid(uint user);

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint geteuid();
}
