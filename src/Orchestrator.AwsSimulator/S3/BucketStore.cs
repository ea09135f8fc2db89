using System.Collections.Concurrent;
using Orchestrator.AwsSimulator.Iam;

namespace Orchestrator.AwsSimulator.S3;

/// <summary>The buckets of all accounts; their names are one space, as at AWS.</summary>
internal sealed class BucketStore
{
    private readonly ConcurrentDictionary<string, Bucket> _buckets = new(StringComparer.Ordinal);

    public BucketStore(IEnumerable<Account> accounts, DateTimeOffset now)
    {
        foreach (var account in accounts)
        {
            foreach (var seeded in account.Buckets)
            {
                var bucket = _buckets[seeded.Name] = new Bucket(seeded.Name, account.Id);
                foreach (var (key, content) in seeded.Objects)
                {
                    bucket.TryPut(key, StoredObject.Seeded(content, now), _ => true);
                }
            }
        }
    }

    public Bucket? Find(string name) => _buckets.GetValueOrDefault(name);

    /// <returns>The bucket now under that name: someone else's, if it was taken before.</returns>
    public (Bucket Bucket, bool Created) Create(string name, string accountId)
    {
        var mine = new Bucket(name, accountId);
        var kept = _buckets.GetOrAdd(name, mine);
        return (kept, ReferenceEquals(kept, mine));
    }
}
