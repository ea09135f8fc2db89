using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.States;

/// <summary>One instance of a resource in a workspace's current state, without its values.</summary>
/// <param name="Address">As terraform writes it, such as <c>module.network.aws_subnet.private[0]</c>.</param>
/// <param name="Module">Such as <c>module.network</c>, or <c>root</c>.</param>
/// <param name="Provider">Such as <c>hashicorp/aws</c>.</param>
/// <param name="ProviderType">Such as <c>aws_subnet</c>.</param>
/// <param name="NameIndex">Null when the resource has only one instance.</param>
public sealed record StateInstance(string Address, string Name, string Module, string Provider, string ProviderType, string? NameIndex)
{
    /// <summary>The state version that has brought it into its present form.</summary>
    public StateVersionId ModifiedBy { get; internal set; }

    public DateTimeOffset CreatedAt { get; internal set; }

    public DateTimeOffset UpdatedAt { get; internal set; }
}

/// <summary>What is in a workspace, and since when. It is read from the states themselves, so it is never behind them.</summary>
public sealed partial class StateInventory(IDbContextFactory<OrchestratorDbContext> databases, StateStore states)
{
    // So far it looks back; what has not changed for longer is told to be as old as the oldest state that was looked at.
    private const int MaxVersions = 100;
    private const long MaxBytes = 64 * 1024 * 1024;

    private const string PublicRegistry = "registry.terraform.io/";

    /// <returns>In the order of their addresses.</returns>
    public async Task<IReadOnlyList<StateInstance>> ReadAsync(WorkspaceId workspace, CancellationToken cancellationToken)
    {
        if (await states.CurrentAsync(workspace, cancellationToken) is not { } current
            || await ReadAsync(current.Id, cancellationToken) is not { } instances)
        {
            return [];
        }
        foreach (var instance in instances.Values)
        {
            Date(instance.Shown, current);
        }
        await LookBackAsync(current, instances, cancellationToken);
        return [.. instances.Values.Select(instance => instance.Shown).OrderBy(instance => instance.Address, StringComparer.Ordinal)];
    }

    private async Task LookBackAsync(StateVersion current, Dictionary<string, Instance> instances, CancellationToken cancellationToken)
    {
        var budget = MaxBytes - current.Size;
        var there = instances.Values.ToDictionary(instance => instance.Shown.Address, instance => (instance.Shown, instance.Digest, IsSame: true), StringComparer.Ordinal);
        foreach (var version in await HistoryAsync(current, cancellationToken))
        {
            budget -= version.Size;
            // A state whose document is out of sight ends what is known.
            if (there.Count == 0 || budget < 0 || await ReadAsync(version.Id, cancellationToken) is not { } before)
            {
                return;
            }
            foreach (var (address, (shown, digest, isSame)) in there.ToList())
            {
                if (!before.TryGetValue(address, out var earlier))
                {
                    there.Remove(address);
                    continue;
                }
                shown.CreatedAt = version.CreatedAt;
                if (isSame && earlier.Digest == digest)
                {
                    (shown.UpdatedAt, shown.ModifiedBy) = (version.CreatedAt, version.Id);
                }
                else if (isSame)
                {
                    there[address] = (shown, digest, false);
                }
            }
        }
    }

    /// <summary>The states that were current before, newest first.</summary>
    private async Task<List<StateVersion>> HistoryAsync(StateVersion current, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.StateVersions.AsNoTracking()
            .Where(version => version.WorkspaceId == current.WorkspaceId && version.CreatedAt < current.CreatedAt
                && version.Status != StateVersionStatus.Pending && version.Status != StateVersionStatus.Discarded)
            .OrderByDescending(version => version.CreatedAt)
            .Take(MaxVersions)
            .ToListAsync(cancellationToken);
    }

    private static void Date(StateInstance instance, StateVersion version) =>
        (instance.ModifiedBy, instance.CreatedAt, instance.UpdatedAt) = (version.Id, version.CreatedAt, version.CreatedAt);

    /// <returns>By address; null when the document is not there.</returns>
    private async Task<Dictionary<string, Instance>?> ReadAsync(StateVersionId id, CancellationToken cancellationToken)
    {
        if (await states.ReadAsync(id, cancellationToken) is not { } raw)
        {
            return null;
        }
        using var document = JsonDocument.Parse(raw, StateDocument.Options);
        var instances = new Dictionary<string, Instance>(StringComparer.Ordinal);
        if (document.RootElement.TryGetProperty("resources", out var resources) && resources.ValueKind == JsonValueKind.Array)
        {
            foreach (var instance in resources.EnumerateArray().SelectMany(Read))
            {
                instances[instance.Shown.Address] = instance;
            }
        }
        return instances;
    }

    private static IEnumerable<Instance> Read(JsonElement resource)
    {
        // Formats older than 4 have other members, and no instances.
        if (!resource.TryGetProperty("instances", out var instances))
        {
            yield break;
        }
        string Text(string name) => resource.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
        var (module, type, name) = (Text("module"), Text("type"), Text("name"));
        var provider = Source().Match(Text("provider")) is { Success: true } match ? match.Groups["source"].Value : Text("provider");
        var address = $"{(module.Length > 0 ? module + "." : "")}{(Text("mode") == "data" ? "data." : "")}{type}.{name}";
        foreach (var instance in instances.EnumerateArray())
        {
            // What terraform has not been able to destroy yet is nobody's address.
            if (instance.ValueKind != JsonValueKind.Object || instance.TryGetProperty("deposed", out _))
            {
                continue;
            }
            var index = instance.TryGetProperty("index_key", out var key) ? key.GetRawText() : null;
            yield return new Instance(
                new StateInstance(
                    index is null ? address : $"{address}[{index}]", name, module.Length > 0 ? module : StateResource.RootModule,
                    provider.StartsWith(PublicRegistry, StringComparison.Ordinal) ? provider[PublicRegistry.Length..] : provider,
                    type, index is null ? null : key.ToString()),
                Convert.ToHexString(SHA256.HashData(JsonMarshal.GetRawUtf8Value(instance))));
        }
    }

    /// <param name="Digest">Of all that the state says about it.</param>
    private sealed record Instance(StateInstance Shown, string Digest);

    [GeneratedRegex("""\bprovider\["(?<source>[^"]+)"\]""")]
    private static partial Regex Source();
}
