using System.Collections.Concurrent;
using System.IO.Compression;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.Terraform.Engines;

/// <summary>The engines of this machine: what is installed, and what was fetched because a workspace asked for it.</summary>
/// <remarks>
/// A fetched engine lies under its version and the SHA-256 of its program, <c>engines/terraform_1.10.5/…/terraform</c>, and comes there whole by one
/// rename. What lies there is hashed again when a process first uses it. The sandbox shows the run's engine alone, read-only; without a sandbox, it is as safe
/// as the installed one. Nothing is fetched but what a run asks for.
/// </remarks>
public sealed class EngineStore(
    TerraformEngine terraform, IOptions<TerraformOptions> programs, IOptions<EngineOptions> options, DataDirectory data, Sandbox sandbox, TimeProvider clock,
    HttpMessageHandler? transport = null) : IDisposable
{
    private const long MaxProgram = 1024L * 1024 * 1024;

    private static readonly TimeSpan IndexLife = TimeSpan.FromMinutes(10);

    /// <summary>A mirror that is away keeps no run waiting for a while.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan IndexLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan DownloadLimit = TimeSpan.FromMinutes(10);

    private readonly HttpClient _http = new(transport ?? new SocketsHttpHandler { UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1) }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly ConcurrentDictionary<(EngineKind Kind, string Version), Lazy<Task<TerraformEngine>>> _fetched = new();
    private readonly ConcurrentDictionary<EngineKind, (long At, Task<IReadOnlyList<string>> Versions)> _indexes = new();
    private readonly Lock _lock = new();
    private Task<TerraformEngine?>? _tofu;

    /// <summary>The engine for a run: at once where it is installed, or was used before.</summary>
    /// <param name="wanted">As <see cref="TerraformVersions"/> understands it.</param>
    /// <exception cref="EngineUnavailableException">There is none, and none can be had.</exception>
    public async Task<TerraformEngine> ResolveAsync(EngineKind kind, string wanted, CancellationToken cancellationToken)
    {
        var (fetch, exact) = (options.Value.Fetch, TerraformVersions.ExactOf(wanted));
        var installed = kind == EngineKind.Terraform ? terraform : await TofuAsync();
        if (installed?.Serves(wanted) == true && (exact is not null || fetch != EngineFetching.Newest))
        {
            return installed;
        }
        if (fetch == EngineFetching.Never)
        {
            throw new EngineUnavailableException(Lacking(kind, wanted, installed) + (installed is null
                ? " An operator installs it on the workers, or lets engines be fetched (Orchestrator__Engines__Fetch)."
                : $" Set the workspace's terraform version to '{installed.Version}' or 'latest', or install the other version on the workers."));
        }
        try
        {
            return exact is not null
                ? await FetchAsync(kind, exact, cancellationToken)
                : await FetchNewestAsync(kind, wanted, installed, cancellationToken);
        }
        catch (EngineUnavailableException lacking) when (installed?.Serves(wanted) != true)
        {
            throw new EngineUnavailableException($"{Lacking(kind, wanted, installed)} {lacking.Message}", lacking);
        }
    }

    /// <summary>Removes what no run has used for long.</summary>
    public void RemoveUnused()
    {
        foreach (var folder in KeptFolders.Unused(Root, options.Value.KeepUnusedDays, clock))
        {
            foreach (var (key, _) in _fetched.Where(engine => folder.Name == FolderOf(engine.Key.Kind, engine.Key.Version)))
            {
                _fetched.TryRemove(key, out _);
            }
            DirectoryRemoval.Remove(folder.FullName);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Runs that have users of their own cannot pass through the data directory, where no sandbox shows them a part of it.</summary>
    private string Root => sandbox.Runs is null
        ? DataDirectory.Create(Path.Combine(data.Root, "engines"))
        : RunUsers.CreatePassage(data.Root, "-engines") ?? throw new EngineUnavailableException("There is no place on this machine where every run's user could start an engine.");

    private static string FolderOf(EngineKind kind, string version) => $"{EngineMirror.ProgramOf(kind)}_{version}";

    private static string Lacking(EngineKind kind, string wanted, TerraformEngine? installed) =>
        $"The workspace asks for {(kind == EngineKind.Tofu ? EngineNames.Of(kind) : "terraform")} {wanted}, and this worker has {installed?.Version ?? "none"}.";

    private async Task<TerraformEngine> FetchNewestAsync(EngineKind kind, string wanted, TerraformEngine? installed, CancellationToken cancellationToken)
    {
        string? newest;
        try
        {
            newest = TerraformVersions.Newest(wanted, (await VersionsAsync(kind).WaitAsync(cancellationToken)).Where(version => IsAllowed(kind, version)));
        }
        catch (EngineUnavailableException away) when (away.IsAway)
        {
            // What is here will do until the mirror is back.
            newest = TerraformVersions.Newest(wanted, [.. CachedVersions(kind), .. installed is null ? [] : new[] { installed.Version }])
                ?? throw new EngineUnavailableException(away.Message, away, isAway: true);
        }
        if (installed?.Serves(wanted) == true && (newest is null || TerraformVersions.Compare(newest, installed.Version) <= 0))
        {
            return installed;
        }
        if (newest is null)
        {
            throw new EngineUnavailableException($"No version in the mirror is one that the workspace and this server both allow ({MirrorOf(kind).Address}).");
        }
        try
        {
            return await FetchAsync(kind, newest, cancellationToken);
        }
        catch (EngineUnavailableException away) when (away.IsAway && installed?.Serves(wanted) == true)
        {
            return installed;
        }
    }

    private async Task<TerraformEngine> FetchAsync(EngineKind kind, string version, CancellationToken cancellationToken)
    {
        if (!IsAllowed(kind, version))
        {
            throw new EngineUnavailableException($"This server fetches only {EngineNames.Of(kind)} {options.Value.Of(kind).Versions} (Orchestrator__Engines__{kind}__Versions).");
        }
        // Whoever asks first fetches for all; that one of them gives up is nothing to the others.
        var fetching = _fetched.GetOrAdd((kind, version), key => new Lazy<Task<TerraformEngine>>(() => Task.Run(() => InstallAsync(key.Kind, key.Version), CancellationToken.None)));
        try
        {
            var engine = await fetching.Value.WaitAsync(cancellationToken);
            var folder = Path.GetDirectoryName(Path.GetDirectoryName(engine.Path)!)!;
            if (!File.Exists(engine.Path))
            {
                throw new EngineUnavailableException($"{engine.Path} is gone; start the run again, and it is fetched again.");
            }
            KeptFolders.Use(folder, clock);
            return engine;
        }
        catch (EngineUnavailableException)
        {
            _fetched.TryRemove(KeyValuePair.Create((kind, version), fetching));
            throw;
        }
    }

    private async Task<TerraformEngine> InstallAsync(EngineKind kind, string version)
    {
        using var limit = new CancellationTokenSource(DownloadLimit);
        var folder = Path.Combine(Root, FolderOf(kind, version));
        if (await FindAsync(kind, version, folder) is { } here)
        {
            return here;
        }
        RemoveUnused();
        var temporary = KeptFolders.NewIn(Root);
        Directory.CreateDirectory(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        try
        {
            var archive = Path.Combine(temporary, "archive");
            await MirrorOf(kind).DownloadAsync(version, archive, limit.Token);
            var program = Path.Combine(temporary, EngineMirror.ProgramOf(kind));
            await ExtractAsync(archive, program, limit.Token);
            File.Delete(archive);
            File.SetUnixFileMode(program, KeptFolders.ForAll);
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, KeptFolders.ForAll | UnixFileMode.UserWrite);
            File.SetUnixFileMode(temporary, KeptFolders.ForAll | UnixFileMode.UserWrite);
            var home = Path.Combine(folder, await KeptFolders.SumOfAsync(program));
            KeptFolders.MoveUnlessThere(temporary, home);
            return new TerraformEngine(Path.Combine(home, EngineMirror.ProgramOf(kind)), version) { Kind = kind };
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new EngineUnavailableException($"{EngineNames.Of(kind)} {version} could not be stored: {broken.Message}", broken);
        }
        finally
        {
            DirectoryRemoval.Remove(temporary);
        }
    }

    /// <summary>The one that was fetched before, if it is what it was then.</summary>
    private static async Task<TerraformEngine?> FindAsync(EngineKind kind, string version, string folder)
    {
        foreach (var home in Directory.Exists(folder) ? Directory.GetDirectories(folder) : [])
        {
            var program = Path.Combine(home, EngineMirror.ProgramOf(kind));
            if (File.Exists(program) && await KeptFolders.SumOfAsync(program) == Path.GetFileName(home))
            {
                return new TerraformEngine(program, version) { Kind = kind };
            }
            DirectoryRemoval.Remove(home);
        }
        return null;
    }

    private static async Task ExtractAsync(string archive, string program, CancellationToken cancellationToken)
    {
        using var zip = ZipFile.OpenRead(archive);
        var entry = zip.GetEntry(Path.GetFileName(program))
            ?? throw new EngineUnavailableException($"The release has no program '{Path.GetFileName(program)}' in it.");
        if (entry.Length > MaxProgram)
        {
            throw new EngineUnavailableException($"The program in the release is larger than {MaxProgram} bytes, which none is.");
        }
        await using var content = await entry.OpenAsync(cancellationToken);
        await using var target = new FileStream(program, FileMode.CreateNew, FileAccess.Write);
        // Its length and checksum are the archive's own, which was compared.
        await content.CopyToAsync(target, cancellationToken);
    }

    private IEnumerable<string> CachedVersions(EngineKind kind) => new DirectoryInfo(Root).EnumerateDirectories($"{EngineMirror.ProgramOf(kind)}_*")
        .Select(folder => folder.Name[(EngineMirror.ProgramOf(kind).Length + 1)..])
        .Where(version => IsAllowed(kind, version));

    private bool IsAllowed(EngineKind kind, string version) =>
        options.Value.Of(kind).Versions is not { Length: > 0 } allowed || TerraformVersions.Allow(allowed, version);

    private EngineMirror MirrorOf(EngineKind kind) => new(kind, options.Value.Of(kind), _http);

    /// <summary>The mirror's list, not older than some minutes.</summary>
    private Task<IReadOnlyList<string>> VersionsAsync(EngineKind kind)
    {
        lock (_lock)
        {
            if (_indexes.TryGetValue(kind, out var known)
                && (!known.Versions.IsCompleted || clock.GetElapsedTime(known.At) < (known.Versions.IsCompletedSuccessfully ? IndexLife : Pause)))
            {
                return known.Versions;
            }
            var reading = Task.Run(async () =>
            {
                using var limit = new CancellationTokenSource(IndexLimit);
                return await MirrorOf(kind).ReadVersionsAsync(limit.Token);
            });
            _indexes[kind] = (clock.GetTimestamp(), reading);
            return reading;
        }
    }

    /// <summary>OpenTofu, where it is installed.</summary>
    private Task<TerraformEngine?> TofuAsync()
    {
        lock (_lock)
        {
            return _tofu ??= TerraformEngine.FindTofuAsync(programs.Value.TofuPath, CancellationToken.None);
        }
    }
}
