using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Vcs;

public enum IntakeOutcome
{
    /// <summary>Stored; a job handles it.</summary>
    Stored,

    /// <summary>It was stored before.</summary>
    Repeated,

    /// <summary>There is no such connection behind this door.</summary>
    Unknown,

    /// <summary>It does not prove to be the service's.</summary>
    Unproved,

    /// <summary>It is proved, and cannot be read.</summary>
    Unreadable,

    TooLarge,
}

/// <param name="Reason">Where it was not taken in: why, in a sentence.</param>
public sealed record IntakeResult(IntakeOutcome Outcome, VcsDeliveryId? Id = null, string? Reason = null);

/// <summary>Deliveries that were stored a moment ago, for whoever hands them to the workers. Who misses one finds its row.</summary>
public sealed class VcsArrivals
{
    private readonly Channel<VcsDeliveryId> _channel = Channel.CreateUnbounded<VcsDeliveryId>(new UnboundedChannelOptions { SingleReader = true });

    public void Announce(VcsDeliveryId id) => _channel.Writer.TryWrite(id);

    public IAsyncEnumerable<VcsDeliveryId> ReadAllAsync(CancellationToken cancellationToken) => _channel.Reader.ReadAllAsync(cancellationToken);
}

/// <summary>Takes deliveries in: proves, stores, and hands on, in milliseconds. Nothing is handled here.</summary>
/// <remarks>Those that come in while one is being written are written together, in one transaction: hundreds at once take hardly longer than
/// one. Whoever has an answer has a stored row.</remarks>
public sealed class VcsIntake(
    IDbContextFactory<OrchestratorDbContext> databases, VcsVault vault, VcsProviders providers, VcsArrivals arrivals, TimeProvider clock)
{
    /// <summary>So long a job may take to begin before it counts as lost.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private const int AtOnce = 256;
    private const int MaxRefusalsInWindow = 30;
    private const int MaxKnown = 10_000;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>So long another process may take deliveries by what a connection was before.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<OAuthClientId, Known> _known = new();
    private readonly ConcurrentDictionary<OAuthClientId, (DateTimeOffset Until, int Count)> _refusals = new();
    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private int _isWriting;

    /// <summary>A connection was changed here.</summary>
    public void Forget(OAuthClientId id) => _known.TryRemove(id, out _);

    public async Task<IntakeResult> AcceptAsync(
        VcsFamily door, OAuthClientId id, DeliveryHeaders headers, byte[] body, CancellationToken cancellationToken)
    {
        if (await FindAsync(door, id, cancellationToken) is not { } known)
        {
            return new IntakeResult(IntakeOutcome.Unknown);
        }
        var provider = providers.Of(door);
        if (provider.Refuse(headers, body, known.Secret) is { } unproved)
        {
            return await RefuseAsync(id, IntakeOutcome.Unproved, provider.NameOf(headers)?.Event, body.Length, unproved, cancellationToken);
        }
        if (provider.NameOf(headers) is not { } name || name.Event.Length > 100)
        {
            return await RefuseAsync(id, IntakeOutcome.Unreadable, null, body.Length, "It does not say which event it tells of.", cancellationToken);
        }
        if (!IsObject(body, provider, name.Event, out var ignored))
        {
            return await RefuseAsync(id, IntakeOutcome.Unreadable, name.Event, body.Length, "It is no JSON object: cut short, or sent as a form. Set the webhook's content type to application/json.", cancellationToken);
        }
        var providerId = name.Id is { Length: > 0 and <= VcsDelivery.MaxProviderId } told && !told.Contains(':', StringComparison.Ordinal) && !told.Any(char.IsControl)
            ? told
            : $"content:{Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(name.Event), 0, .. body]))}";
        return await StoreAsync(id, name.Event, providerId, body, ignored);
    }

    /// <summary>Stores what nobody has sent, as if somebody had: what polling finds, and what is delivered again.</summary>
    /// <param name="ignored">Why nothing follows from it, where that is known: then no job has to find it out.</param>
    public Task<IntakeResult> StoreAsync(OAuthClientId connection, string name, string providerId, byte[] body, string? ignored = null)
    {
        var id = Identifier.New<VcsDeliveryId>();
        var now = clock.GetUtcNow();
        return WriteAsync(new VcsDelivery
        {
            Id = id,
            ConnectionId = connection,
            ProviderId = providerId,
            Event = name,
            Status = ignored is null ? VcsDeliveryStatus.Received : VcsDeliveryStatus.Ignored,
            Reason = ignored,
            FinishedAt = ignored is null ? null : now,
            ProtectedBody = vault.SealBody(id, body),
            Size = body.Length,
            ReceivedAt = now,
            DueAt = now + Patience,
            TraceContext = Tracing.Context,
        });
    }

    /// <summary>Records a delivery that was not taken in. Strangers do not fill the log: of many in a minute, the first ones are recorded.</summary>
    /// <returns>That it was refused, also when there is no such connection.</returns>
    public async Task<IntakeResult> RefuseAsync(
        OAuthClientId connection, IntakeOutcome outcome, string? name, long size, string reason, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_refusals.Count > MaxKnown)
        {
            _refusals.Clear();
        }
        var count = _refusals.AddOrUpdate(connection, _ => (now + Window, 1), (_, row) => row.Until > now ? (row.Until, row.Count + 1) : (now + Window, 1)).Count;
        if (count > MaxRefusalsInWindow || await FindAsync(door: null, connection, cancellationToken) is null)
        {
            return new IntakeResult(outcome, null, reason);
        }
        var id = Identifier.New<VcsDeliveryId>();
        await WriteAsync(new VcsDelivery
        {
            Id = id,
            ConnectionId = connection,
            // Not by the name that it gives itself: the true one of that name may still come.
            ProviderId = $"refused:{id}",
            Event = name is { Length: > 0 and <= 100 } told ? told.Replace("\0", "", StringComparison.Ordinal) : "unknown",
            Status = VcsDeliveryStatus.Refused,
            Reason = reason,
            Size = size,
            ReceivedAt = now,
            DueAt = now,
            FinishedAt = now,
        });
        return new IntakeResult(outcome, id, reason);
    }

    /// <param name="ignored">What the provider says of a delivery from which nothing follows, as of most: pings, deletions, comments for people. What
    /// cannot be read is for the job to say.</param>
    private static bool IsObject(byte[] body, VcsProvider provider, string name, out string? ignored)
    {
        ignored = null;
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return false;
            }
            ignored = provider.Read(name, document.RootElement).WhyNothing;
            return true;
        }
        catch (VcsPayloadException)
        {
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private async Task<Known?> FindAsync(VcsFamily? door, OAuthClientId id, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (!_known.TryGetValue(id, out var known) || known.Until <= now)
        {
            await using var db = await databases.CreateDbContextAsync(cancellationToken);
            if (await db.VcsConnections.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } connection)
            {
                _known.TryRemove(id, out _);
                return null;
            }
            known = new Known(connection.Kind.Family, vault.OpenWebhookSecret(connection), now + Freshness);
            if (_known.Count > MaxKnown)
            {
                _known.Clear();
            }
            _known[id] = known;
        }
        return door is null || known.Family == door ? known : null;
    }

    private async Task<IntakeResult> WriteAsync(VcsDelivery delivery)
    {
        var waiting = new Waiting(delivery);
        _waiting.Enqueue(waiting);
        if (Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0)
        {
            _ = Task.Run(WriteAllAsync);
        }
        return await waiting.Done.Task;
    }

    private async Task WriteAllAsync()
    {
        do
        {
            while (Take() is { Count: > 0 } batch)
            {
                await WriteAsync(batch);
            }
            Volatile.Write(ref _isWriting, 0);
        }
        // One that came between the last look and the end of this writer has found it writing.
        while (!_waiting.IsEmpty && Interlocked.CompareExchange(ref _isWriting, 1, 0) == 0);
    }

    private List<Waiting> Take()
    {
        var batch = new List<Waiting>();
        while (batch.Count < AtOnce && _waiting.TryDequeue(out var next))
        {
            batch.Add(next);
        }
        return batch;
    }

    private async Task WriteAsync(List<Waiting> batch)
    {
        try
        {
            await using var db = await databases.CreateDbContextAsync();
            var (connections, names) = (batch.Select(waiting => waiting.Delivery.ConnectionId).Distinct().ToArray(), batch.Select(waiting => waiting.Delivery.ProviderId).ToArray());
            // With the connection, by which the index begins: the log may be long.
            var before = (await db.VcsDeliveries
                .Where(row => connections.Contains(row.ConnectionId) && names.Contains(row.ProviderId))
                .Select(row => new { row.ConnectionId, row.ProviderId, row.Id, row.Status })
                .ToListAsync()).ToDictionary(row => (row.ConnectionId, row.ProviderId), row => (row.Id, row.Status));
            var news = new List<Waiting>();
            foreach (var waiting in batch)
            {
                var key = (waiting.Delivery.ConnectionId, waiting.Delivery.ProviderId);
                if (before.TryGetValue(key, out var known))
                {
                    waiting.Result = new IntakeResult(IntakeOutcome.Repeated, known.Id);
                    if (known.Status == VcsDeliveryStatus.Failed)
                    {
                        await ReviveAsync(db, known.Id);
                    }
                }
                else
                {
                    before[key] = (waiting.Delivery.Id, waiting.Delivery.Status);
                    waiting.Result = new IntakeResult(IntakeOutcome.Stored, waiting.Delivery.Id);
                    news.Add(waiting);
                }
            }
            db.VcsDeliveries.AddRange(news.Select(waiting => waiting.Delivery));
            if (!await db.TrySaveAsync(CancellationToken.None))
            {
                // Another process was faster with one of them.
                await WriteOneByOneAsync(news);
            }
            foreach (var waiting in batch)
            {
                waiting.Done.TrySetResult(waiting.Result!);
                if (waiting is { Result.Outcome: IntakeOutcome.Stored, Delivery.Status: VcsDeliveryStatus.Received })
                {
                    arrivals.Announce(waiting.Delivery.Id);
                }
            }
        }
        catch (Exception failed)
        {
            // Each sender is told that it was not stored, and sends again.
            foreach (var waiting in batch)
            {
                waiting.Done.TrySetException(failed);
            }
        }
    }

    private async Task WriteOneByOneAsync(List<Waiting> news)
    {
        foreach (var waiting in news)
        {
            await using var db = await databases.CreateDbContextAsync();
            db.VcsDeliveries.Add(waiting.Delivery);
            if (!await db.TrySaveAsync(CancellationToken.None))
            {
                waiting.Result = new IntakeResult(IntakeOutcome.Repeated);
            }
        }
    }

    /// <summary>What was given up is tried again when its sender sends it again.</summary>
    private async Task ReviveAsync(OrchestratorDbContext db, VcsDeliveryId id)
    {
        var now = clock.GetUtcNow();
        await db.VcsDeliveries.Where(row => row.Id == id && row.Status == VcsDeliveryStatus.Failed).ExecuteUpdateAsync(set => set
            .SetProperty(row => row.Status, VcsDeliveryStatus.Received)
            .SetProperty(row => row.Attempts, 0)
            .SetProperty(row => row.FinishedAt, (DateTimeOffset?)null)
            .SetProperty(row => row.DueAt, now));
    }

    private sealed record Known(VcsFamily Family, string Secret, DateTimeOffset Until)
    {
        public override string ToString() => Family.ToString();
    }

    private sealed class Waiting(VcsDelivery delivery)
    {
        public VcsDelivery Delivery { get; } = delivery;

        public IntakeResult? Result { get; set; }

        public TaskCompletionSource<IntakeResult> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
