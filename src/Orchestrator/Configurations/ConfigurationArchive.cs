using System.Formats.Tar;
using System.IO.Compression;

namespace Orchestrator.Configurations;

/// <summary>Reads a configuration's <c>tar.gz</c> in one streaming pass, and trusts nothing in it.</summary>
/// <param name="limits">How much is too much.</param>
/// <remarks>The archive is a stream that knows its length. Allowed are regular files, directories, and symbolic links that stay inside. Links are made last, so that no
/// file is ever written through one.</remarks>
public sealed class ConfigurationArchive(ConfigurationOptions limits)
{
    private const int MaxPathLength = 1024;
    private const long SizeWithoutRatio = 32 * 1024 * 1024;

    /// <summary>Checks the whole archive without writing anything.</summary>
    /// <exception cref="ConfigurationRefusedException">What is wrong with it, in a sentence for its author.</exception>
    public Task InspectAsync(Stream archive, CancellationToken cancellationToken) =>
        ReadAsync(archive, directory: null, cancellationToken);

    /// <summary>Unpacks the archive into an empty directory.</summary>
    /// <exception cref="ConfigurationRefusedException">What is wrong with it, in a sentence for its author.</exception>
    public Task UnpackAsync(Stream archive, string directory, CancellationToken cancellationToken) =>
        ReadAsync(archive, directory, cancellationToken);

    private async Task ReadAsync(Stream archive, string? directory, CancellationToken cancellationToken)
    {
        var contents = new ArchiveContents();
        try
        {
            var packed = archive.Length - archive.Position;
            await using var unzipped = new BoundedStream(
                new GZipStream(archive, CompressionMode.Decompress), limits.MaxUnpackedBytes, Math.Max(SizeWithoutRatio, packed * limits.MaxRatio));
            await using var reader = new TarReader(unzipped);
            while (await NextAsync(reader, cancellationToken) is { } entry)
            {
                await TakeAsync(entry, contents, directory, cancellationToken);
            }
        }
        catch (Exception broken) when (broken is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(broken);
        }
        contents.CheckLinks();
        if (!contents.HasConfiguration)
        {
            throw new ConfigurationRefusedException("The archive holds no .tf or .tf.json file, so there is nothing to run.");
        }
        if (directory is not null)
        {
            contents.CreateLinks(directory);
        }
    }

    /// <summary>The reader turns bytes into sizes, dates, modes and types unchecked, and throws whatever that throws.</summary>
    private static async Task<TarEntry?> NextAsync(TarReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.GetNextEntryAsync(copyData: false, cancellationToken);
        }
        catch (Exception broken) when (broken is not (OperationCanceledException or ConfigurationRefusedException or IOException))
        {
            throw Damaged(broken);
        }
    }

    private static ConfigurationRefusedException Damaged(Exception broken) => new(
        "The upload is not a gzip-compressed tar archive, or it was cut short. Pack the configuration with 'tar -czf'.", broken);

    private async Task TakeAsync(TarEntry entry, ArchiveContents contents, string? directory, CancellationToken cancellationToken)
    {
        if (entry.EntryType is TarEntryType.GlobalExtendedAttributes)
        {
            return;
        }
        var path = Normalise(entry.Name);
        if (path.Length == 0)
        {
            return;
        }
        if (contents.Count >= limits.MaxEntries)
        {
            throw new ConfigurationRefusedException($"The archive has more than {limits.MaxEntries} entries.");
        }
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                contents.AddDirectory(path);
                if (directory is not null)
                {
                    Directory.CreateDirectory(Path.Combine(directory, path));
                }
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                contents.AddFile(path);
                if (directory is not null)
                {
                    await WriteAsync(entry, Path.Combine(directory, path), cancellationToken);
                }
                break;
            case TarEntryType.SymbolicLink:
                contents.AddLink(path, entry.LinkName);
                break;
            default:
                throw new ConfigurationRefusedException(
                    $"'{path}' in the archive is a {entry.EntryType}; only files, directories and symbolic links are accepted.");
        }
    }

    private static async Task WriteAsync(TarEntry entry, string target, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var executable = (entry.Mode & UnixFileMode.UserExecute) != 0;
        await using var file = new FileStream(target, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | (executable ? UnixFileMode.UserExecute : 0),
        });
        if (entry.DataStream is { } content)
        {
            await content.CopyToAsync(file, cancellationToken);
        }
    }

    /// <summary>The entry's path without <c>./</c> and a closing slash; empty for the root itself.</summary>
    private string Normalise(string name)
    {
        var parts = name.Split('/').Where(part => part is not ("" or ".")).ToArray();
        if (name.StartsWith('/') || parts.Contains("..") || name.Contains('\0', StringComparison.Ordinal))
        {
            throw new ConfigurationRefusedException($"'{name}' in the archive leaves the configuration's directory.");
        }
        if (name.Length > MaxPathLength)
        {
            throw new ConfigurationRefusedException($"A path in the archive is longer than {MaxPathLength} characters.");
        }
        if (parts.Length - 1 > limits.MaxDepth)
        {
            throw new ConfigurationRefusedException($"A path in the archive is more than {limits.MaxDepth} directories deep.");
        }
        return string.Join('/', parts);
    }
}

/// <summary>The upload cannot be used; the message is for its author.</summary>
public sealed class ConfigurationRefusedException(string message, Exception? inner = null) : Exception(message, inner);
