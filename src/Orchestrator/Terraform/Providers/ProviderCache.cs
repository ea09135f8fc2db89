using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.Terraform.Providers;

/// <summary>Section <c>Orchestrator:Providers</c>.</summary>
public sealed class ProviderOptions
{
    /// <summary>Keep providers' packages for later runs.</summary>
    public bool Cache { get; set; } = true;

    /// <summary>A package that no run has used for so many days is removed.</summary>
    [System.ComponentModel.DataAnnotations.Range(1, 3650, ErrorMessage = "Orchestrator__Providers__KeepUnusedDays is a number of days from 1 to 3650.")]
    public int KeepUnusedDays { get; set; } = 30;
}

/// <summary>Providers' packages that runs have installed, for other runs.</summary>
/// <remarks>
/// Terraform's own plugin cache is a directory that every run writes to: two at once break it, and one can put a provider there that another then
/// starts with its credentials. Into this one only this server writes. A package lies under its content's hash (terraform's <c>h1:</c>), which is computed from the copy that lies
/// here; and a run is shown, read-only, only those packages whose hashes stand in its own lock file. So whatever a run leaves here, it reaches only
/// runs that ask for exactly these bytes, and terraform compares them once more.
/// Where there is no sandbox, a run could write where this server does, so there nothing is kept.
/// </remarks>
public sealed partial class ProviderCache(DataDirectory data, Sandbox sandbox, IOptions<ProviderOptions> options, TimeProvider clock, ILogger<ProviderCache> logger)
{
    private const long MaxPackage = 4L * 1024 * 1024 * 1024;

    private bool IsOn => options.Value.Cache && sandbox.IsActive;

    private string Root => DataDirectory.Create(Path.Combine(data.Root, "providers"));

    /// <summary>Shows a run what is here of the providers that its lock file has chosen. Before its first command.</summary>
    /// <returns>For terraform's CLI configuration; empty when nothing is here.</returns>
    public async Task<string> OfferAsync(RunDirectory directory)
    {
        var offered = new List<string>();
        foreach (var provider in IsOn ? await LockedAsync(directory) : [])
        {
            if (provider.Hashes.Select(HomeOf).FirstOrDefault(Directory.Exists) is not { } home)
            {
                continue;
            }
            KeptFolders.Use(home, clock);
            var place = Path.Combine(directory.Mirror, provider.Address, provider.Version);
            DataDirectory.Create(place);
            Directory.CreateSymbolicLink(Path.Combine(place, MachinePlatform.Name), home);
            directory.Show(home);
            offered.Add(provider.Address);
        }
        if (offered.Count == 0)
        {
            return "";
        }
        var names = string.Join(", ", offered.Distinct().Select(name => $"\"{name}\""));
        return $$"""

            provider_installation {
              filesystem_mirror {
                path    = "{{directory.Mirror}}"
                include = [{{names}}]
              }
              direct {
                exclude = [{{names}}]
              }
            }

            """;
    }

    /// <summary>Keeps what a run's init has installed and is not here yet. When nothing of the run is running.</summary>
    public async Task KeepAsync(RunDirectory directory)
    {
        if (!IsOn)
        {
            return;
        }
        try
        {
            var locked = (await LockedAsync(directory)).ToLookup(provider => (provider.Address, provider.Version));
            var added = false;
            foreach (var (address, version, package) in Installed(directory))
            {
                if (!locked[(address, version)].SelectMany(provider => provider.Hashes).Any(hash => Directory.Exists(HomeOf(hash))))
                {
                    added |= await KeepAsync(package);
                }
            }
            if (added)
            {
                RemoveUnused();
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            // The run has its providers; the next one fetches them once more.
            Log.NotKept(logger, broken);
        }
    }

    private static async Task<IReadOnlyList<LockedProvider>> LockedAsync(RunDirectory directory) =>
        await directory.ReadLockAsync() is { } locks ? ProviderLock.Read(Encoding.UTF8.GetString(locks)) : [];

    /// <summary>The packages that lie in the run's directory themselves: no links, and none behind one.</summary>
    private static IEnumerable<(string Address, string Version, string Package)> Installed(RunDirectory directory) =>
        from host in Inside(Path.Combine(directory.Working, ".terraform", "providers"))
        from owner in Inside(host)
        from type in Inside(owner)
        from version in Inside(type)
        from package in Inside(version)
        select ($"{Path.GetFileName(host)}/{Path.GetFileName(owner)}/{Path.GetFileName(type)}", Path.GetFileName(version), package);

    private static string[] Inside(string path) => IsOwn(Path.GetDirectoryName(path)!) && IsOwn(path)
        ? [.. Directory.EnumerateDirectories(path).Where(IsOwn)]
        : [];

    private static bool IsOwn(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null };

    private async Task<bool> KeepAsync(string package)
    {
        var temporary = KeptFolders.NewIn(Root);
        try
        {
            Directory.CreateDirectory(temporary);
            var sums = new SortedDictionary<string, string>(StringComparer.Ordinal);
            var room = MaxPackage;
            if (!await CopyAsync(package, temporary, "", sums, value => (room -= value) >= 0))
            {
                return false;
            }
            return KeptFolders.MoveUnlessThere(temporary, HomeOf(HashOf(sums)));
        }
        finally
        {
            DirectoryRemoval.Remove(temporary);
        }
    }

    /// <returns>False for what is no package: with a link in it, or something without content, or too much.</returns>
    private static async Task<bool> CopyAsync(string from, string to, string prefix, SortedDictionary<string, string> sums, Func<long, bool> takes)
    {
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            var target = Path.Combine(to, entry.Name);
            if (entry.LinkTarget is not null || entry.Name.Contains('\n', StringComparison.Ordinal))
            {
                return false;
            }
            if (entry is DirectoryInfo)
            {
                Directory.CreateDirectory(target);
                if (!await CopyAsync(entry.FullName, target, $"{prefix}{entry.Name}/", sums, takes))
                {
                    return false;
                }
                continue;
            }
            // Opening a pipe would wait for whoever writes to it, and one has no length.
            if (((FileInfo)entry).Length == 0 || !takes(((FileInfo)entry).Length))
            {
                return false;
            }
            await using (var source = new FileStream(entry.FullName, FileMode.Open, FileAccess.Read))
            await using (var copy = new FileStream(target, FileMode.CreateNew, FileAccess.Write))
            {
                await source.CopyToAsync(copy);
            }
            File.SetUnixFileMode(target, KeptFolders.ForAll);
            sums[prefix + entry.Name] = await KeptFolders.SumOfAsync(target);
        }
        File.SetUnixFileMode(to, KeptFolders.ForAll | UnixFileMode.UserWrite);
        return true;
    }

    /// <summary>As Go's <c>dirhash</c> computes it: the files' sums and names, sorted by their bytes.</summary>
    private static string HashOf(SortedDictionary<string, string> sums) => "h1:" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(
        string.Concat(sums.OrderBy(file => Convert.ToHexString(Encoding.UTF8.GetBytes(file.Key)), StringComparer.Ordinal).Select(file => $"{file.Value}  {file.Key}\n")))));

    private string HomeOf(string hash) => Path.Combine(Root, Convert.ToHexStringLower(Convert.FromBase64String(hash[3..])));

    private void RemoveUnused()
    {
        foreach (var unused in KeptFolders.Unused(Root, options.Value.KeepUnusedDays, clock))
        {
            DirectoryRemoval.Remove(unused.FullName);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A provider's package could not be kept for later runs.")]
        public static partial void NotKept(ILogger logger, Exception exception);
    }
}
