namespace Orchestrator.AwsPolicies;

/// <summary>The condition keys of one request. Names compare without case; a key without values is absent.</summary>
public sealed class RequestContext
{
    private readonly Dictionary<string, IReadOnlyList<string>> _values = new(StringComparer.OrdinalIgnoreCase);

    public RequestContext Set(string key, params IReadOnlyList<string?> values)
    {
        var present = values.OfType<string>().ToList();
        if (present.Count > 0)
        {
            _values[key] = present;
        }

        return this;
    }

    public IReadOnlyList<string> Find(string key) => _values.GetValueOrDefault(key) ?? [];
}
