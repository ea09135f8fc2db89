using System.Formats.Tar;
using System.IO.Compression;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.Vcs.Git;

/// <summary>A commit, packed.</summary>
/// <param name="Archive">A <c>tar.gz</c> of all its files; checked by nobody yet.</param>
public sealed record FetchedCommit(string Commit, byte[] Archive, string? Message, string? Author);

/// <summary>Fetches from repositories with git itself, without trusting anything in them.</summary>
public sealed class GitFetcher(DataDirectory data, IGitSandbox sandbox, IOptions<VcsOptions> options, TimeProvider clock)
{
    private const int MaxSubmodules = 30;
    private const int MaxDepth = 4;
    private const int History = 200;

    private string Parent => DataDirectory.Create(Path.Combine(data.Root, "vcs"));

    /// <summary>The programs that are not there, in a sentence; null when all are.</summary>
    public static string? FindMissing() => new[] { "git", "ssh" }.Where(program => !IsThere(program)).ToArray() is { Length: > 0 } missing
        ? $"The server lacks {string.Join(" and ", missing)}, by which repositories are fetched."
        : null;

    /// <summary>Removes what a process has left that died.</summary>
    public void RemoveLeftovers()
    {
        var old = clock.GetUtcNow() - (2 * options.Value.FetchTimeout);
        foreach (var directory in new DirectoryInfo(Parent).EnumerateDirectories().Where(directory => directory.CreationTimeUtc < old.UtcDateTime))
        {
            directory.Delete(recursive: true);
        }
    }

    /// <exception cref="VcsProblem">They could not be listed.</exception>
    public Task<GitReferences> ListAsync(GitSource source, CancellationToken cancellationToken) => LimitedAsync(async token =>
    {
        using var directory = await GitDirectory.OpenAsync(Parent, source, sandbox, options.Value, clock, blobless: false, token);
        return GitReferences.Read(await directory.RunAsync(token, "ls-remote", "--quiet", "--symref", "origin", "HEAD", "refs/heads/*", "refs/tags/*"));
    }, cancellationToken);

    /// <summary>The paths in which two commits differ; their files are not fetched.</summary>
    /// <returns>Null when one of the two is gone.</returns>
    /// <exception cref="VcsProblem">They could not be fetched.</exception>
    public Task<IReadOnlyCollection<string>?> CompareAsync(GitSource source, string before, string after, CancellationToken cancellationToken) =>
        LimitedAsync<IReadOnlyCollection<string>?>(async token =>
        {
            using var directory = await GitDirectory.OpenAsync(Parent, source, sandbox, options.Value, clock, blobless: true, token);
            try
            {
                await directory.RunAsync(token, "fetch", "--quiet", "--no-tags", "--depth=1", "--filter=blob:none", "--no-write-fetch-head", "--end-of-options", "origin", Checked(before), Checked(after));
            }
            catch (VcsProblem gone) when (GitFailure.IsGone(gone))
            {
                return null;
            }
            return (await directory.RunAsync(token, "diff-tree", "-r", "-z", "--name-only", "--no-renames", Checked(before), Checked(after)))
                .Split('\0', StringSplitOptions.RemoveEmptyEntries);
        }, cancellationToken);

    /// <summary>Fetches one commit and nothing of its history, and packs its files.</summary>
    /// <param name="reference">Where it is to be found on servers that give out no commit by its name alone, such as <c>refs/heads/main</c>.</param>
    /// <exception cref="VcsProblem">It could not be fetched, or is too large.</exception>
    public Task<FetchedCommit> FetchAsync(GitSource source, string commit, string? reference, bool submodules, CancellationToken cancellationToken) =>
        LimitedAsync(async token =>
        {
            using var directory = await GitDirectory.OpenAsync(Parent, source, sandbox, options.Value, clock, blobless: false, token);
            await FetchAsync(directory, Checked(commit), reference, token);
            // A tag with a message is an object of its own.
            var peeled = (await directory.RunAsync(token, "rev-parse", "--verify", "--end-of-options", $"{commit}^{{commit}}")).Trim();
            var facts = (await directory.RunAsync(token, "log", "-1", "--format=%an%x00%B", "--end-of-options", peeled)).Split('\0', 2);
            using var packer = new Packer(options.Value.MaxArchiveBytes);
            if (submodules)
            {
                await packer.AddAsync(tar => AddAsync(directory, source, peeled, "", tar, new SubmoduleCount(), depth: 0, token));
            }
            else
            {
                await packer.CopyAsync(into => directory.StreamAsync(["archive", "--format=tar", peeled], (stream, ended) => stream.CopyToAsync(into, ended), token));
            }
            return new FetchedCommit(peeled, packer.ToArray(), facts.Length == 2 ? facts[1].Trim() : null, facts[0]);
        }, cancellationToken);

    private static async Task FetchAsync(GitDirectory directory, string commit, string? reference, CancellationToken cancellationToken)
    {
        try
        {
            await directory.RunAsync(cancellationToken, "fetch", "--quiet", "--no-tags", "--depth=1", "--no-write-fetch-head", "--end-of-options", "origin", commit);
        }
        catch (VcsProblem gone) when (GitFailure.IsGone(gone) && reference is not null)
        {
            await directory.RunAsync(
                cancellationToken, "fetch", "--quiet", "--no-tags", $"--depth={History}", "--no-write-fetch-head", "--end-of-options", "origin", $"+{CheckedReference(reference)}:refs/orchestrator/fetched");
            try
            {
                await directory.RunAsync(cancellationToken, "cat-file", "-e", commit);
            }
            catch (VcsProblem)
            {
                throw gone;
            }
        }
    }

    /// <summary>Adds a commit's files, and those of its submodules in their places.</summary>
    private async Task AddAsync(
        GitDirectory directory, GitSource source, string commit, string prefix, TarWriter tar, SubmoduleCount count, int depth, CancellationToken cancellationToken)
    {
        await directory.StreamAsync(["archive", "--format=tar", commit], async (stream, token) =>
        {
            await using var reader = new TarReader(stream);
            while (await reader.GetNextEntryAsync(copyData: true, token) is { } entry)
            {
                if (entry.EntryType is not TarEntryType.GlobalExtendedAttributes)
                {
                    await tar.WriteEntryAsync(new PaxTarEntry(entry.EntryType is TarEntryType.V7RegularFile ? TarEntryType.RegularFile : entry.EntryType, prefix + entry.Name)
                    {
                        Mode = entry.Mode,
                        ModificationTime = entry.ModificationTime,
                    }.FilledFrom(entry), token);
                }
            }
            // Git pads the end.
            await stream.CopyToAsync(Stream.Null, token);
        }, cancellationToken);
        var links = (await directory.RunAsync(cancellationToken, "ls-tree", "-r", "-z", commit)).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line.StartsWith("160000 commit ", StringComparison.Ordinal))
            .Select(line => line["160000 commit ".Length..].Split('\t', 2))
            .ToDictionary(parts => parts[1], parts => parts[0], StringComparer.Ordinal);
        if (links.Count == 0)
        {
            return;
        }
        if (depth == MaxDepth)
        {
            throw new VcsProblem($"Submodules lie more than {MaxDepth} deep in one another.", VcsProblem.Once);
        }
        var addresses = await SubmodulesAsync(directory, commit, cancellationToken);
        foreach (var (path, pinned) in links)
        {
            if (++count.Value > MaxSubmodules)
            {
                throw new VcsProblem($"The repository has more than {MaxSubmodules} submodules.", VcsProblem.Once);
            }
            if (!addresses.TryGetValue(path, out var written))
            {
                throw new VcsProblem($"The submodule at '{path}' has no address in .gitmodules.", VcsProblem.Once);
            }
            var inner = source.For(Resolve(source.Address, written, path));
            using var place = await GitDirectory.OpenAsync(Parent, inner, sandbox, options.Value, clock, blobless: false, cancellationToken);
            await FetchAsync(place, Checked(pinned), reference: "HEAD", cancellationToken);
            await AddAsync(place, inner, pinned, $"{prefix}{path}/", tar, count, depth + 1, cancellationToken);
        }
    }

    /// <summary>The addresses that <c>.gitmodules</c> has, by path. Git reads the file; nothing in it is acted on.</summary>
    private static async Task<Dictionary<string, string>> SubmodulesAsync(GitDirectory directory, string commit, CancellationToken cancellationToken)
    {
        var settings = new Dictionary<string, (string? Path, string? Url)>(StringComparer.Ordinal);
        string listing;
        try
        {
            listing = await directory.RunAsync(cancellationToken, "config", "--blob", $"{commit}:.gitmodules", "--list", "-z");
        }
        catch (VcsProblem)
        {
            return [];
        }
        foreach (var row in listing.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(row => row.Split('\n', 2)).Where(row => row.Length == 2))
        {
            var name = row[0].StartsWith("submodule.", StringComparison.Ordinal) ? row[0]["submodule.".Length..] : "";
            if (name.EndsWith(".path", StringComparison.Ordinal))
            {
                settings[name[..^5]] = (row[1], settings.GetValueOrDefault(name[..^5]).Url);
            }
            else if (name.EndsWith(".url", StringComparison.Ordinal))
            {
                settings[name[..^4]] = (settings.GetValueOrDefault(name[..^4]).Path, row[1]);
            }
        }
        return settings.Values.Where(row => row is { Path: not null, Url: not null }).GroupBy(row => row.Path!, StringComparer.Ordinal)
            .ToDictionary(row => row.Key, row => row.Last().Url!, StringComparer.Ordinal);
    }

    /// <summary>Submodules may be named from where their repository is, and in the short form of SSH.</summary>
    internal static string Resolve(string parent, string written, string path)
    {
        var address = written;
        if (written.StartsWith("./", StringComparison.Ordinal) || written.StartsWith("../", StringComparison.Ordinal))
        {
            var parts = parent.TrimEnd('/').Split('/').ToList();
            foreach (var step in written.Split('/'))
            {
                // Scheme, nothing, host: those stay.
                if (step == ".." && parts.Count > 3)
                {
                    parts.RemoveAt(parts.Count - 1);
                }
                else if (step is not ("." or ".." or ""))
                {
                    parts.Add(step);
                }
            }
            address = string.Join('/', parts);
        }
        else if (!written.Contains("://", StringComparison.Ordinal) && written.Split(':') is [var who, var where] && who.Contains('@', StringComparison.Ordinal) && !where.StartsWith('/'))
        {
            address = $"ssh://{who}/{where}";
        }
        // Over HTTPS, the same server has the same repository, and the connection's token gets there.
        if (address.StartsWith("ssh://", StringComparison.Ordinal) && parent.StartsWith("https://", StringComparison.Ordinal)
            && Uri.TryCreate(address, UriKind.Absolute, out var ssh) && ssh.Host == new Uri(parent).Host)
        {
            address = $"https://{new Uri(parent).Authority}{ssh.AbsolutePath}";
        }
        return GitSource.Fault(address, allowHttp: true) is null
            ? address
            : throw new VcsProblem($"The submodule at '{path}' has an address that is not fetched from. Submodules come over https:// or ssh://.", VcsProblem.Once);
    }

    private static string Checked(string commit) => Payload.IsCommit(commit) ? commit : throw new VcsProblem("That is no commit's hash.", VcsProblem.Once);

    private static string CheckedReference(string reference) =>
        reference == "HEAD" || (reference.StartsWith("refs/", StringComparison.Ordinal) && GitReferences.IsName(reference))
            ? reference
            : throw new VcsProblem("That is no branch's or tag's name.", VcsProblem.Once);

    private static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));

    private async Task<T> LimitedAsync<T>(Func<CancellationToken, Task<T>> act, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.FetchTimeout);
        try
        {
            return await act(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VcsProblem($"Fetching took longer than {options.Value.FetchTimeout.TotalSeconds:0} seconds (Orchestrator__Vcs__FetchTimeout).", VcsProblem.Seldom);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new VcsProblem(FindMissing() ?? "git could not be started.", VcsProblem.Seldom);
        }
    }

    private sealed class SubmoduleCount
    {
        public int Value { get; set; }
    }
}

/// <summary>Compresses a tar into memory, up to a limit.</summary>
internal sealed class Packer(int limit) : IDisposable
{
    private readonly MemoryStream _packed = new();

    public byte[] ToArray() => _packed.ToArray();

    public void Dispose() => _packed.Dispose();

    public async Task CopyAsync(Func<Stream, Task> write)
    {
        await using var zip = new GZipStream(new Bounded(_packed, limit), CompressionLevel.Fastest);
        await write(zip);
    }

    public async Task AddAsync(Func<TarWriter, Task> write)
    {
        await using var zip = new GZipStream(new Bounded(_packed, limit), CompressionLevel.Fastest);
        await using var tar = new TarWriter(zip, TarEntryFormat.Pax, leaveOpen: true);
        await write(tar);
    }

    private sealed class Bounded(MemoryStream inner, int limit) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        /// <exception cref="VcsProblem">It is too much.</exception>
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (inner.Length + buffer.Length > limit)
            {
                throw new VcsProblem($"The packed repository has more than {limit / 1024 / 1024} MiB, which is the most that is taken (Orchestrator__Vcs__MaxArchiveBytes).", VcsProblem.Once);
            }
            inner.Write(buffer);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

internal static class TarLinks
{
    /// <summary>Only links may have a target, and only files a content.</summary>
    public static PaxTarEntry FilledFrom(this PaxTarEntry entry, TarEntry from)
    {
        if (entry.EntryType is TarEntryType.RegularFile)
        {
            entry.DataStream = from.DataStream;
        }
        if (from.EntryType is TarEntryType.SymbolicLink or TarEntryType.HardLink)
        {
            entry.LinkName = from.LinkName;
        }
        return entry;
    }
}
