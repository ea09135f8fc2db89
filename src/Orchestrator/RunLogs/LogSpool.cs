using System.Buffers.Binary;

namespace Orchestrator.RunLogs;

/// <summary>Bounds of what is kept outside of the database. Section <c>Orchestrator:Logs</c>.</summary>
public sealed class LogOptions
{
    /// <summary>Bytes on this machine's disk for one phase's log while the database is away. Then terraform is interrupted. Default 64 MiB;
    /// 0 interrupts it at once.</summary>
    [System.ComponentModel.DataAnnotations.Range(0, long.MaxValue)]
    public long MaxSpoolBytes { get; set; } = 64 * 1024 * 1024;
}

/// <summary>A stretch of a log that waits for its row, encrypted as it will rest there.</summary>
/// <param name="Length">In the clear.</param>
internal sealed record SpooledChunk(long Offset, int Length, byte[] ProtectedContent)
{
    public long End => Offset + Length;
}

/// <summary>What of a phase's log could not be stored yet: a file in the data directory, in the order in which it was written. It outlives this
/// process.</summary>
internal sealed class LogSpool(string path, long maxBytes) : IDisposable
{
    // Offset, length in the clear, length as it is.
    private const int HeadLength = 16;

    private FileStream? _file;
    private long _first;
    private SpooledChunk? _peeked;

    /// <summary>Where the last chunk ends; null when there is none.</summary>
    public long? End { get; private set; }

    /// <summary>Takes up what an earlier process has left. A chunk that was not written to its end does not count.</summary>
    public static LogSpool Open(string path, long maxBytes)
    {
        var spool = new LogSpool(path, maxBytes);
        if (File.Exists(path))
        {
            var file = spool.Stream();
            var position = 0L;
            while (Read(file, position) is { Length: > 0 } chunk && (spool.End is null || chunk.Offset == spool.End))
            {
                position += HeadLength + chunk.ProtectedContent.Length;
                spool.End = chunk.End;
            }
            file.SetLength(position);
        }
        return spool;
    }

    /// <summary>Drops what is stored by now; and all, when somebody has gone on with the log who did not know of it.</summary>
    public void GoOnFrom(long stored)
    {
        while (Peek() is { } chunk && chunk.Offset != stored)
        {
            if (chunk.End > stored)
            {
                Delete();
                return;
            }
            Drop();
        }
    }

    /// <exception cref="IOException">There is no room for it.</exception>
    public void Append(SpooledChunk chunk)
    {
        if ((_file?.Length ?? 0) + HeadLength + chunk.ProtectedContent.Length > maxBytes)
        {
            throw new IOException("As much of the log waits to be stored as may wait (Orchestrator__Logs__MaxSpoolBytes).");
        }
        var file = Stream();
        var before = file.Length;
        Span<byte> head = stackalloc byte[HeadLength];
        BinaryPrimitives.WriteInt64LittleEndian(head, chunk.Offset);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], chunk.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], chunk.ProtectedContent.Length);
        try
        {
            file.Position = before;
            file.Write(head);
            file.Write(chunk.ProtectedContent);
            file.Flush();
        }
        catch (IOException)
        {
            file.SetLength(before);
            throw;
        }
        End = chunk.End;
    }

    /// <summary>The first that waits.</summary>
    public SpooledChunk? Peek() => End is null ? null : _peeked ??= Read(Stream(), _first);

    /// <summary>It waits no more.</summary>
    public void Drop()
    {
        _first += HeadLength + _peeked!.ProtectedContent.Length;
        _peeked = null;
        if (_first == _file!.Length)
        {
            Delete();
        }
    }

    public void Delete()
    {
        Dispose();
        File.Delete(path);
        (_first, _peeked, End) = (0, null, null);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private FileStream Stream() => _file ??= new FileStream(path, new FileStreamOptions
    {
        Mode = FileMode.OpenOrCreate,
        Access = FileAccess.ReadWrite,
        // Whoever looks at it does not disturb.
        Share = FileShare.ReadWrite | FileShare.Delete,
        // Nothing is held back: the disk says at once when it is full.
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private static SpooledChunk? Read(FileStream file, long position)
    {
        Span<byte> head = stackalloc byte[HeadLength];
        file.Position = position;
        if (file.ReadAtLeast(head, HeadLength, throwOnEndOfStream: false) < HeadLength)
        {
            return null;
        }
        var length = BinaryPrimitives.ReadInt32LittleEndian(head[12..]);
        if (length < 0 || length > file.Length - position - HeadLength)
        {
            return null;
        }
        var content = new byte[length];
        file.ReadExactly(content);
        return new SpooledChunk(BinaryPrimitives.ReadInt64LittleEndian(head), BinaryPrimitives.ReadInt32LittleEndian(head[8..]), content);
    }
}
