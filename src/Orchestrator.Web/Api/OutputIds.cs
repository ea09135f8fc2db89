using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Orchestrator.Data;

namespace Orchestrator.Web.Api;

/// <summary>The ids of the outputs of states. As long as there is a state's document they never change, and each command of terraform asks several
/// times for the same ones, so they are remembered.</summary>
internal sealed class OutputIds : IDisposable
{
    // Some tens of megabytes.
    private const int MaxRemembered = 200_000;

    private readonly MemoryCache _known = new(new MemoryCacheOptions { SizeLimit = MaxRemembered });

    /// <summary>By name.</summary>
    /// <param name="versions">Each a state version whose document has come and is not deleted for good.</param>
    public async Task<IReadOnlyDictionary<StateVersionId, IReadOnlyList<string>>> OfAsync(
        OrchestratorDbContext db, IEnumerable<StateVersionId> versions, CancellationToken cancellationToken)
    {
        var ids = versions.ToDictionary(id => id, id => _known.Get<IReadOnlyList<string>>(id));
        StateVersionId[] unknown = [.. ids.Where(pair => pair.Value is null).Select(pair => pair.Key)];
        if (unknown.Length > 0)
        {
            var found = await db.StateOutputs
                .Where(output => unknown.Contains(output.StateVersionId))
                .OrderBy(output => output.Name)
                .Select(output => new { output.StateVersionId, output.Id })
                .ToListAsync(cancellationToken);
            var outputs = found.ToLookup(pair => pair.StateVersionId, pair => pair.Id.Value);
            foreach (var id in unknown)
            {
                string[] own = [.. outputs[id]];
                ids[id] = _known.Set<IReadOnlyList<string>>(id, own, new MemoryCacheEntryOptions { Size = 1 + own.Length });
            }
        }
        return ids!;
    }

    public void Dispose() => _known.Dispose();
}
