using System.Runtime.InteropServices;

namespace Orchestrator.Terraform;

/// <summary>What the kernel says of a path, links not followed: the parts that .NET does not tell.</summary>
/// <param name="Links">How many names the file has.</param>
/// <param name="AllocatedBytes">What it takes on the disk; a file with holes is longer.</param>
internal readonly record struct FileFacts(uint Owner, uint Links, long AllocatedBytes)
{
    private const int CurrentDirectory = -100;
    private const int NoFollow = 0x100;
    private const uint BasicStatistics = 0x7ff;
    private const int BlockSize = 512;

    /// <returns>Null when there is nothing, or nothing for us to see.</returns>
    public static FileFacts? Of(string path) => Read(path, NoFollow);

    /// <summary>Bytes in a process's open files that have no name any more, or never had one.</summary>
    /// <param name="place">How their last or only names began.</param>
    public static long OfNameless(int process, string place)
    {
        try
        {
            return new DirectoryInfo($"/proc/{process}/fd").EnumerateFileSystemInfos()
                .Where(open => open.LinkTarget is { } target
                    && target.StartsWith(place, StringComparison.Ordinal) && target.EndsWith(" (deleted)", StringComparison.Ordinal))
                .Sum(open => Read(open.FullName, 0)?.AllocatedBytes ?? 0);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Gives a path to a user and its group. A link itself, not what it leads to.</summary>
    public static bool GiveTo(string path, uint user, uint group) => lchown(path, user, group) == 0;

    private static FileFacts? Read(string path, int flags) => statx(CurrentDirectory, path, flags, BasicStatistics, out var facts) == 0
        ? new FileFacts(facts.Owner, facts.Links, checked((long)facts.Blocks * BlockSize))
        : null;

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int statx(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, out Statistics facts);

    [DllImport("libc", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true), DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int lchown([MarshalAs(UnmanagedType.LPUTF8Str)] string path, uint user, uint group);

    /// <summary><c>struct statx</c>, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statistics
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(20)]
        public uint Owner;

        [FieldOffset(48)]
        public ulong Blocks;
    }
}
