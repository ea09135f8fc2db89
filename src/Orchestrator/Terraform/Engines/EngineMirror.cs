using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Data;

namespace Orchestrator.Terraform.Engines;

/// <summary>One publisher's releases, on the publisher's server or a mirror of it.</summary>
internal sealed class EngineMirror(EngineKind kind, EngineSource source, HttpClient http)
{
    private const int MaxIndex = 64 * 1024 * 1024;
    private const int MaxSums = 1024 * 1024;
    private const int MaxSignature = 64 * 1024;
    private const long MaxArchive = 512L * 1024 * 1024;

    private const string TofuKey = "https://get.opentofu.org/opentofu.asc, fingerprint E3E6 E43D 84CB 852E ADB0 051D 0C0A F313 E5FD 9F80";

    public static string ProgramOf(EngineKind kind) => kind == EngineKind.Tofu ? "tofu" : "terraform";

    /// <summary>Where it is, for people.</summary>
    public string Address => Base;

    private string Base => (source.Mirror is { Length: > 0 } mirror ? mirror
        : kind == EngineKind.Tofu ? "https://github.com/opentofu/opentofu/releases/download" : "https://releases.hashicorp.com").TrimEnd('/');

    private string Index => (source.Index, source.Mirror, kind) switch
    {
        ({ Length: > 0 } index, _, _) => index,
        (_, null or "", EngineKind.Tofu) => "https://get.opentofu.org/tofu/api.json",
        (_, _, EngineKind.Tofu) => $"{Base}/api.json",
        _ => $"{Base}/terraform/index.json",
    };

    /// <summary>All versions that there are, in no order.</summary>
    /// <exception cref="EngineUnavailableException">They cannot be read.</exception>
    public async Task<IReadOnlyList<string>> ReadVersionsAsync(CancellationToken cancellationToken)
    {
        var json = await ReadAsync(Index, MaxIndex, cancellationToken)
            ?? throw new EngineUnavailableException($"There is no list of {EngineNames.Of(kind)}'s versions at {Index}.", isAway: true);
        try
        {
            using var document = JsonDocument.Parse(json);
            var versions = document.RootElement.GetProperty("versions");
            // HashiCorp's is an object with a version a key, OpenTofu's a list of objects with ids.
            return versions.ValueKind == JsonValueKind.Object
                ? [.. versions.EnumerateObject().Select(version => version.Name)]
                : [.. versions.EnumerateArray().Select(version => version.GetProperty("id").GetString()!.TrimStart('v'))];
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new EngineUnavailableException($"What is at {Index} is no list of {EngineNames.Of(kind)}'s versions.", wrong, isAway: true);
        }
    }

    /// <summary>Fetches a release's archive into a file, once its checksum is known from a signed list, and compares it.</summary>
    /// <exception cref="EngineUnavailableException">It is not there, or not what it should be.</exception>
    public async Task DownloadAsync(string version, string file, CancellationToken cancellationToken)
    {
        var program = ProgramOf(kind);
        var folder = kind == EngineKind.Tofu ? $"{Base}/v{version}" : $"{Base}/terraform/{version}";
        var archive = $"{program}_{version}_{MachinePlatform.Name}.zip";
        var sumsAt = $"{folder}/{program}_{version}_SHA256SUMS";
        var sums = await ReadAsync(sumsAt, MaxSums, cancellationToken)
            ?? throw new EngineUnavailableException($"There is no {EngineNames.Of(kind)} {version} in the mirror ({sumsAt}).");
        if (source.VerifySignature)
        {
            await VerifyAsync(sums, sumsAt + (kind == EngineKind.Tofu ? ".gpgsig" : ".sig"), cancellationToken);
        }
        var sum = Encoding.UTF8.GetString(sums).Split('\n')
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .FirstOrDefault(parts => parts is [{ Length: 64 }, var name] && name.TrimStart('*') == archive)?[0]
            ?? throw new EngineUnavailableException($"{EngineNames.Of(kind)} {version} is not made for this machine: {sumsAt} has no {archive}.");
        var found = await SaveAsync($"{folder}/{archive}", file, cancellationToken);
        if (!found.Equals(sum, StringComparison.OrdinalIgnoreCase))
        {
            throw new EngineUnavailableException($"The checksum of {folder}/{archive} is {found}, and the signed list says {sum}: somebody has altered it, or the mirror is broken. It was not used.");
        }
    }

    private async Task VerifyAsync(byte[] sums, string signatureAt, CancellationToken cancellationToken)
    {
        var keys = source.KeyFile is { Length: > 0 } file ? await File.ReadAllTextAsync(file, cancellationToken)
            : kind == EngineKind.Terraform ? ReleaseSignature.HashiCorp
            : throw new EngineUnavailableException(
                "This server does not know OpenTofu's key, so it cannot tell whether a release is OpenTofu's. An operator puts the key into a file "
                + $"({TofuKey}) and names that in Orchestrator__Engines__Tofu__KeyFile.");
        var signature = await ReadAsync(signatureAt, MaxSignature, cancellationToken)
            ?? throw new EngineUnavailableException($"The checksums are not signed: there is no {signatureAt}. They were not trusted.");
        if (ReleaseSignature.FaultOf(sums, signature, keys) is { } fault)
        {
            throw new EngineUnavailableException($"The signature {signatureAt} does not hold: {fault}. Nothing was used.");
        }
    }

    /// <returns>Null when it is not there.</returns>
    private async Task<byte[]?> ReadAsync(string address, int limit, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        return await CopyAsync(address, content, limit, cancellationToken) ? content.ToArray() : null;
    }

    /// <returns>The SHA-256 of what is in the file now.</returns>
    private async Task<string> SaveAsync(string address, string file, CancellationToken cancellationToken)
    {
        await using (var target = new FileStream(file, FileMode.CreateNew, FileAccess.Write))
        {
            if (!await CopyAsync(address, target, MaxArchive, cancellationToken))
            {
                throw new EngineUnavailableException($"The mirror has the checksum of {address}, and not the file.");
            }
        }
        return await KeptFolders.SumOfAsync(file, cancellationToken);
    }

    private async Task<bool> CopyAsync(string address, Stream target, long limit, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(address), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.Forbidden)
            {
                return false;
            }
            if (!answer.IsSuccessStatusCode)
            {
                throw new EngineUnavailableException($"The mirror answers {(int)answer.StatusCode} for {address}.", isAway: true);
            }
            await using var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
            var buffer = new byte[81920];
            var total = 0L;
            while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                if ((total += read) > limit)
                {
                    throw new EngineUnavailableException($"{address} is larger than {limit} bytes, which no release is.");
                }
                await target.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
            return true;
        }
        catch (Exception away) when (away is HttpRequestException or HttpIOException)
        {
            throw new EngineUnavailableException($"The mirror does not answer ({address}): {away.Message}", away, isAway: true);
        }
        catch (OperationCanceledException late)
        {
            throw new EngineUnavailableException($"The mirror takes too long ({address}).", late, isAway: true);
        }
    }
}
