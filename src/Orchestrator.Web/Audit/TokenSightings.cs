using System.Collections.Concurrent;

namespace Orchestrator.Web.Audit;

/// <summary>Which tokens this process has seen from which addresses. A token that shows up from somewhere new is worth an entry: perhaps it was
/// lost.</summary>
/// <remarks>Each process tells it once for itself, and again after its start.</remarks>
internal sealed class TokenSightings
{
    private const int MaxKnown = 20_000;

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    public bool IsNew(string token, string? address)
    {
        if (_known.Count >= MaxKnown)
        {
            _known.Clear();
        }
        return _known.TryAdd($"{token}|{address}", true);
    }
}
