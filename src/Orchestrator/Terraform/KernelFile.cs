using System.Buffers;
using System.Runtime.InteropServices;

namespace Orchestrator.Terraform;

/// <summary>Reads files that the kernel makes up while they are read, such as those under <c>/proc</c>.</summary>
/// <remarks>Without exceptions: whoever looks through all processes meets some hundred that have nothing to read, and that were the most
/// expensive part of looking.</remarks>
internal static class KernelFile
{
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;

    // Longer than nearly all of them.
    private const int Length = 64 * 1024;

    /// <summary>Whether a text is in it; not when there is no such file, or it cannot be read.</summary>
    public static bool Contains(string path, ReadOnlySpan<byte> text)
    {
        var file = open(path, ReadOnly | CloseOnExec);
        if (file < 0)
        {
            return false;
        }
        var buffer = ArrayPool<byte>.Shared.Rent(Length);
        try
        {
            var kept = 0;
            nint arrived;
            while ((arrived = read(file, ref buffer[kept], buffer.Length - kept)) > 0)
            {
                var content = buffer.AsSpan(0, kept + (int)arrived);
                if (content.IndexOf(text) >= 0)
                {
                    return true;
                }
                // What may be the beginning of it.
                kept = Math.Min(text.Length - 1, content.Length);
                content[^kept..].CopyTo(buffer);
            }
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
            _ = close(file);
        }
    }

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint read(int file, ref byte buffer, nint length);

    [DllImport("libc"), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int close(int file);
}
