using System.Collections.Concurrent;
using System.Security.Cryptography;
using Orchestrator.AwsPolicies;
using Orchestrator.AwsSimulator.Iam;

namespace Orchestrator.AwsSimulator.Sessions;

/// <summary>The sessions issued since start. Those long over are forgotten.</summary>
internal sealed class SessionStore(TimeProvider clock)
{
    private const int SecretBytes = 30;
    private const int TokenBytes = 258;

    // A session that ended is remembered for a while, so that its holder hears "expired" and not "unknown".
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);

    /// <param name="endsAfter">Ends the session before the announced <paramref name="lifetime"/>; null for no such fault.</param>
    public Session Issue(
        Role role,
        string name,
        TimeSpan lifetime,
        TimeSpan? endsAfter,
        IReadOnlyList<PolicyDocument> policies,
        SessionIdentity identity)
    {
        var now = clock.GetUtcNow();
        Forget(now - Remembered);
        // AWS announces whole seconds; what is announced must also be what holds.
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds((now + lifetime).ToUnixTimeSeconds());
        var endsAt = now + (endsAfter ?? lifetime);
        var session = new Session
        {
            AccessKeyId = AwsIdentifier.Random("ASIA", length: 20),
            SecretAccessKey = Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)),
            SessionToken = Convert.ToBase64String(RandomNumberGenerator.GetBytes(TokenBytes)),
            Role = role,
            Name = name,
            IssuedAt = now,
            ExpiresAt = expiresAt,
            EndsAt = endsAt < expiresAt ? endsAt : expiresAt,
            Policies = policies,
            Identity = identity,
        };
        _sessions[session.AccessKeyId] = session;
        return session;
    }

    public Session? Find(string accessKeyId) => _sessions.GetValueOrDefault(accessKeyId);

    private void Forget(DateTimeOffset before)
    {
        foreach (var (key, session) in _sessions)
        {
            if (session.EndsAt < before)
            {
                _sessions.TryRemove(key, out _);
            }
        }
    }
}
