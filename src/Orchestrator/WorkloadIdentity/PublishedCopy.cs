using System.Net;
using System.Text.Json;

namespace Orchestrator.WorkloadIdentity;

/// <summary>What was found at an address: an issuer's documents, or the reason why they are none.</summary>
public sealed record FoundDocuments(DiscoveryDocument? Discovery, KeySetDocument? KeySet, string? Problem);

/// <summary>Reads an issuer's documents as relying parties do, with limits on time and size, and without following redirects.</summary>
public sealed class PublishedCopy(HttpMessageHandler transport, TimeProvider clock) : IDisposable
{
    private const int MaxBytes = 256 * 1024;

    // STS gives up after about five seconds.
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new(transport) { MaxResponseContentBufferSize = MaxBytes, Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>How the documents are fetched outside of tests.</summary>
    public static SocketsHttpHandler NewTransport() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // A copy that moves to another host is noticed.
        PooledConnectionLifetime = TimeSpan.FromMinutes(1),
    };

    /// <param name="address">An issuer's address, without a closing slash.</param>
    public async Task<FoundDocuments> ReadAsync(string address, CancellationToken cancellationToken)
    {
        var (discovery, problem) = await GetAsync<DiscoveryDocument>(address + IssuerDocuments.DiscoveryPath, cancellationToken);
        if (discovery is null)
        {
            return new FoundDocuments(null, null, problem);
        }
        (var keySet, problem) = await GetAsync<KeySetDocument>(address + IssuerDocuments.KeySetPath, cancellationToken);
        return keySet?.Keys is { } keys
            ? new FoundDocuments(discovery, new KeySetDocument([.. keys.Where(key => key?.Kid is not null)]), null)
            : new FoundDocuments(discovery, null, problem ?? $"{address}{IssuerDocuments.KeySetPath} is not a key set.");
    }

    /// <summary>Why a relying party that reads from the address cannot know the key; null when it can.</summary>
    public async Task<string?> ObjectionAsync(string address, PublicKey key, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(address, cancellationToken);
        if (found.KeySet is null)
        {
            return $"The key set that is published at {address} could not be read: {found.Problem}";
        }
        return found.KeySet.Keys.Contains(key) ? null : $"The key set that is published at {address} does not have the next key.";
    }

    public void Dispose() => _http.Dispose();

    private async Task<(T? Document, string? Problem)> GetAsync<T>(string address, CancellationToken cancellationToken) where T : class
    {
        using var limit = new CancellationTokenSource(TimeLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await _http.GetAsync(address, either.Token);
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return (null, $"{address} answered {(int)response.StatusCode}, not 200.");
            }
            var document = JsonSerializer.Deserialize<T>(await response.Content.ReadAsByteArrayAsync(either.Token));
            return (document, document is null ? $"{address} is empty." : null);
        }
        catch (JsonException)
        {
            return (null, $"{address} did not answer with the document's JSON.");
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or IOException or InvalidOperationException)
        {
            return (null, $"{address} cannot be read: {unreachable.Message}");
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return (null, $"{address} did not answer within {TimeLimit.TotalSeconds:0} seconds.");
        }
    }
}
