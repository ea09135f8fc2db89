namespace Orchestrator.Configurations;

/// <summary>A tar archive as it is unzipped: so many bytes at most, so that a small archive cannot fill the disk, and no entry whose
/// name or attributes alone would fill the memory, into which the tar reader takes them whole.</summary>
/// <param name="ratioLimit">The same for the bytes that an archive of this size may honestly become.</param>
internal sealed class BoundedStream(Stream inner, long limit, long ratioLimit) : Stream
{
    private const int HeaderSize = 512;
    private const int MaxDescription = 1024 * 1024;

    private long _read;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The tar reader asks for a header by itself; it gets it in one piece, also where the archive is unzipped in smaller ones.
        var read = buffer.Length == HeaderSize
            ? await inner.ReadAtLeastAsync(buffer, HeaderSize, throwOnEndOfStream: false, cancellationToken)
            : await inner.ReadAsync(buffer, cancellationToken);
        _read += read;
        if (_read > limit)
        {
            throw new ConfigurationRefusedException($"The archive unpacks to more than {limit / (1024 * 1024)} MiB.");
        }
        if (_read > ratioLimit)
        {
            throw new ConfigurationRefusedException("The archive unpacks to far more than its size: it is a bomb, or holds files that are almost nothing but zeros.");
        }
        if (read == HeaderSize && DescribedIn(buffer.Span) > MaxDescription)
        {
            throw new ConfigurationRefusedException(
                $"An entry of the archive has a name or attributes of more than {MaxDescription / (1024 * 1024)} MiB.");
        }
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>How many bytes follow a header that describes the next entry (POSIX <c>x</c> and <c>g</c>, GNU <c>L</c> and <c>K</c>);
    /// 0 for every other block.</summary>
    private static long DescribedIn(ReadOnlySpan<byte> header)
    {
        if (header[156] is not ((byte)'x' or (byte)'g' or (byte)'L' or (byte)'K'))
        {
            return 0;
        }
        var size = 0L;
        foreach (var digit in header.Slice(124, 12))
        {
            size = digit switch
            {
                >= (byte)'0' and <= (byte)'7' => (size * 8) + digit - '0',
                // Not in octal digits: a number that is too large for them.
                >= 0x80 => long.MaxValue / 16,
                _ => size,
            };
        }
        return size;
    }
}
