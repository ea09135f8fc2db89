using System.Collections.Concurrent;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Configuration;
using Orchestrator.AwsSimulator.Iam;

namespace Orchestrator.AwsSimulator.Oidc;

/// <summary>The keys of the registered issuers, kept for as long as each issuer allows.</summary>
internal sealed class VerificationKeys(IssuerDocuments documents, Faults faults, TimeProvider clock)
{
    /// <summary>An unknown key id leads to a new look at the issuer, but not more often than this: otherwise anyone
    /// could make the simulator flood an issuer with made-up ids.</summary>
    public static readonly TimeSpan RefetchInterval = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Shelf> _shelves = new(StringComparer.Ordinal);

    public async Task<Checked<VerificationKey>> FindAsync(
        OidcProvider provider, string keyId, CancellationToken cancellationToken)
    {
        var shelf = _shelves.GetOrAdd(provider.Url, _ => new Shelf());
        await shelf.Gate.WaitAsync(cancellationToken);
        try
        {
            return await FindAsync(shelf, provider, keyId, cancellationToken);
        }
        finally
        {
            shelf.Gate.Release();
        }
    }

    private async Task<Checked<VerificationKey>> FindAsync(
        Shelf shelf, OidcProvider provider, string keyId, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var stale = shelf.Keys is null || faults.NoKeyCache || now - shelf.FetchedAt >= shelf.Keys.FreshFor;
        var worthALook = shelf.Keys?.Find(keyId) is null && now - shelf.FetchedAt >= RefetchInterval;
        if (stale || worthALook)
        {
            if (!(await documents.FetchKeysAsync(provider, cancellationToken)).Passed(out var fetched, out var refusal))
            {
                return refusal;
            }

            (shelf.Keys, shelf.FetchedAt) = (fetched, now);
        }

        return shelf.Keys!.Find(keyId) is { } key
            ? key
            : TokenRefusals.NoKey(
                "verification key",
                new Comparison(
                    "kid, among the issuer's keys",
                    string.Join(", ", shelf.Keys.Keys.Select(known => known.KeyId)),
                    keyId));
    }

    private sealed class Shelf
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public KeySet? Keys { get; set; }

        public DateTimeOffset FetchedAt { get; set; } = DateTimeOffset.MinValue;
    }
}
