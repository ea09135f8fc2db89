using System.Buffers;
using System.Formats.Tar;
using System.Globalization;
using System.Security.Cryptography;

namespace Orchestrator.Data.Moving;

/// <summary>How an archive lies in its file: a tar that has no freedom. Every byte of it follows from its entries' names and contents, so that
/// none can be another one without its being noticed.</summary>
/// <remarks>Last come the manifest, with a checksum of each entry before it, and the manifest's own checksum.</remarks>
internal static class ArchiveFile
{
    public const string Manifest = "manifest.json";
    public const string ManifestSum = "manifest.sha256";
    public const int Block = 512;

    /// <summary>Two blocks of zeros, as tar wants it.</summary>
    public const int End = 2 * Block;

    public static string SumOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    public static int PaddingOf(long length) => (int)((Block - (length % Block)) % Block);

    public static UstarTarEntry EntryOf(string name, Stream content) => new(TarEntryType.RegularFile, name)
    {
        Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        ModificationTime = DateTimeOffset.UnixEpoch,
        DataStream = content,
    };
}

/// <summary>Writes an archive, one entry after another, beside its name, and under it when it is whole. Only its owner may read it.</summary>
internal sealed class ArchiveWriter : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _file;
    private readonly TarWriter _tar;
    private readonly List<ArchivedEntry> _entries = [];

    /// <exception cref="ArchiveException">The file is there already, or cannot be made.</exception>
    public ArchiveWriter(string path)
    {
        (_path, _temporary) = (path, $"{path}.{Guid.NewGuid():N}{WholeFile.Unfinished}");
        if (File.Exists(path))
        {
            throw new ArchiveException($"{path} is there already. Name a file that is not.");
        }
        try
        {
            _file = new FileStream(_temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.Asynchronous,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException($"{path} cannot be written: {refused.Message}", refused);
        }
        _tar = new TarWriter(_file, TarEntryFormat.Ustar, leaveOpen: true);
    }

    public IReadOnlyList<ArchivedEntry> Entries => _entries;

    public long Length => _file.Position;

    public async Task AddAsync(string name, byte[] content, CancellationToken cancellationToken)
    {
        await _tar.WriteEntryAsync(ArchiveFile.EntryOf(name, new MemoryStream(content, writable: false)), cancellationToken);
        _entries.Add(new ArchivedEntry(name, ArchiveFile.SumOf(content)));
    }

    public async Task FinishAsync(ArchiveManifest manifest, CancellationToken cancellationToken)
    {
        var json = manifest.ToJson();
        await AddAsync(ArchiveFile.Manifest, json, cancellationToken);
        await AddAsync(ArchiveFile.ManifestSum, System.Text.Encoding.ASCII.GetBytes(ArchiveFile.SumOf(json)), cancellationToken);
        await _tar.DisposeAsync();
        _file.Flush(flushToDisk: true);
        File.Move(_temporary, _path, overwrite: false);
    }

    public async ValueTask DisposeAsync()
    {
        await _tar.DisposeAsync();
        await _file.DisposeAsync();
        File.Delete(_temporary);
    }
}

/// <param name="Keys">The entry with the key ring; null when it was left out.</param>
internal sealed record VerifiedArchive(ArchiveManifest Manifest, (string Name, byte[] Content)? Keys);

/// <summary>Reads an archive from its beginning to its end, and refuses what is not exactly as it was written. One entry is in memory at a time.</summary>
internal sealed class ArchiveReader(FileStream file)
{
    private string _last = "the first entry";

    /// <exception cref="ArchiveException">The file cannot be opened.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException($"The archive {path} cannot be opened: {refused.Message}", refused);
        }
    }

    /// <summary>Compares everything with its checksum.</summary>
    public static async Task<VerifiedArchive> VerifyAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = Open(path);
        var reader = new ArchiveReader(file);
        var entries = new List<ArchivedEntry>();
        (string, byte[])? keys = null;
        while (await reader.NextAsync(cancellationToken) is { } entry)
        {
            if (entry.Name != ArchiveFile.Manifest)
            {
                entries.Add(new ArchivedEntry(entry.Name, ArchiveFile.SumOf(entry.Content)));
                keys = entry.Name is ArchivedKeys.WrappedEntry or ArchivedKeys.EncryptedEntry ? entry : keys;
                continue;
            }
            var sum = await reader.NextAsync(cancellationToken);
            if (sum is not { Name: ArchiveFile.ManifestSum } || System.Text.Encoding.ASCII.GetString(sum.Value.Content) != ArchiveFile.SumOf(entry.Content))
            {
                throw reader.Damaged(ArchiveFile.Manifest);
            }
            if (await reader.NextAsync(cancellationToken) is { } extra)
            {
                throw reader.Damaged(extra.Name);
            }
            var manifest = ArchiveManifest.Read(entry.Content);
            return manifest.Entries.Zip(entries).FirstOrDefault(pair => pair.First != pair.Second) is { First: { } wrong } ? throw reader.Damaged(wrong.Name)
                : manifest.Entries.Count != entries.Count ? throw reader.Damaged(ArchiveFile.Manifest)
                : new VerifiedArchive(manifest, keys);
        }
        throw new ArchiveException($"The archive {path} is cut off behind {reader._last}, or is none: it has no {ArchiveFile.Manifest}.");
    }

    /// <summary>The next entry; null behind the last one.</summary>
    public async Task<(string Name, byte[] Content)?> NextAsync(CancellationToken cancellationToken)
    {
        var header = new byte[ArchiveFile.Block];
        await FillAsync(header, cancellationToken);
        if (header.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            var rest = new byte[ArchiveFile.End - ArchiveFile.Block];
            await FillAsync(rest, cancellationToken);
            return rest.AsSpan().IndexOfAnyExcept((byte)0) >= 0 || file.Position != file.Length ? throw Damaged($"the end, behind {_last}") : null;
        }
        var name = TextOf(header.AsSpan(0, 100));
        if (!TryReadLength(header.AsSpan(124, 12), out var length) || length > file.Length - file.Position)
        {
            throw Damaged(Printable(name));
        }
        var content = new byte[length];
        await FillAsync(content, cancellationToken);
        var padding = new byte[ArchiveFile.PaddingOf(length)];
        await FillAsync(padding, cancellationToken);
        if (padding.AsSpan().IndexOfAnyExcept((byte)0) >= 0 || !await IsAsWrittenAsync(header, name, content, cancellationToken))
        {
            throw Damaged(Printable(name));
        }
        _last = name;
        return (name, content);
    }

    public ArchiveException Damaged(string entry) => new($"The archive {file.Name} is damaged: {entry} is not as it was written. Take another copy of it.");

    private async Task FillAsync(byte[] buffer, CancellationToken cancellationToken)
    {
        if (await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) < buffer.Length)
        {
            throw new ArchiveException($"The archive {file.Name} is cut off behind {_last}, or is none.");
        }
    }

    /// <summary>Everything in a header follows from the name and the content.</summary>
    private static async Task<bool> IsAsWrittenAsync(byte[] header, string name, byte[] content, CancellationToken cancellationToken)
    {
        if (name.Length == 0 || name.AsSpan().IndexOfAnyExcept(NameCharacters) >= 0)
        {
            return false;
        }
        using var again = new FirstBlock();
        await using (var tar = new TarWriter(again, TarEntryFormat.Ustar, leaveOpen: true))
        {
            await tar.WriteEntryAsync(ArchiveFile.EntryOf(name, new MemoryStream(content, writable: false)), cancellationToken);
        }
        return again.Content.AsSpan().SequenceEqual(header);
    }

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_./-");

    private static string Printable(string name) =>
        name.Length > 0 && name.AsSpan().IndexOfAnyExcept(NameCharacters) < 0 ? name : $"'{new string([.. name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '/' or '-' ? letter : '?')])}'";

    private static string TextOf(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return System.Text.Encoding.Latin1.GetString(end < 0 ? field : field[..end]);
    }

    private static bool TryReadLength(ReadOnlySpan<byte> field, out int length)
    {
        length = 0;
        try
        {
            var octal = TextOf(field).Trim();
            length = octal.Length == 0 ? 0 : checked((int)Convert.ToInt64(octal, 8));
            return length >= 0;
        }
        catch (Exception none) when (none is FormatException or OverflowException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Keeps an entry's header and drops the rest.</summary>
    private sealed class FirstBlock : Stream
    {
        private long _position;

        public byte[] Content { get; } = new byte[ArchiveFile.Block];

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _position;

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (_position < Content.Length)
            {
                buffer[..(int)Math.Min(buffer.Length, Content.Length - _position)].CopyTo(Content.AsSpan((int)_position));
            }
            _position += buffer.Length;
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
