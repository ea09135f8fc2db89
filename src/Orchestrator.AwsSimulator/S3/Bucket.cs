namespace Orchestrator.AwsSimulator.S3;

/// <summary>Objects by key. Reads and conditional writes are atomic.</summary>
internal sealed class Bucket(string name, string accountId)
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, StoredObject> _objects = new(StringComparer.Ordinal);

    public string Name => name;

    public string AccountId => accountId;

    public StoredObject? Find(string key)
    {
        lock (_lock)
        {
            return _objects.GetValueOrDefault(key);
        }
    }

    /// <summary>Stores an object if the one that is there now allows it.</summary>
    /// <param name="mayReplace">Sees the present object, or null; runs under the lock.</param>
    /// <returns>False when nothing was stored.</returns>
    public bool TryPut(string key, StoredObject content, Predicate<StoredObject?> mayReplace)
    {
        lock (_lock)
        {
            if (!mayReplace(_objects.GetValueOrDefault(key)))
            {
                return false;
            }

            _objects[key] = content;
            return true;
        }
    }

    public void Delete(string key)
    {
        lock (_lock)
        {
            _objects.Remove(key);
        }
    }

    /// <summary>Objects in key order, as they are now.</summary>
    public IReadOnlyList<KeyValuePair<string, StoredObject>> List(string prefix)
    {
        lock (_lock)
        {
            return [.. _objects.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))];
        }
    }
}
