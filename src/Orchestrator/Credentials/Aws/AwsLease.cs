using System.Diagnostics;
using Orchestrator.Data;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials.Aws;

/// <summary>One configuration's session, renewed with a new token before it ends, for as long as the phase runs.</summary>
internal sealed class AwsLease(
    CloudPhase phase, CloudConfiguration configuration, AwsRoleRequest request, AwsCredentialExchange exchange, TimeProvider clock) : IDisposable
{
    // AWS's clients ask again when less than five minutes are left: what they are given must have more.
    private static readonly TimeSpan RenewBefore = TimeSpan.FromMinutes(6);

    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private volatile AwsSession? _session;

    public CloudConfiguration Configuration => configuration;

    public AwsRoleRequest Request => request;

    public CloudPhase Phase => phase;

    /// <summary>The session in force, or a new one when it ends soon.</summary>
    /// <exception cref="CredentialsRefusedException">AWS gives none.</exception>
    public async Task<AwsSession> GetAsync(CancellationToken cancellationToken)
    {
        if (_session is { } current && IsGood(current))
        {
            return current;
        }
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            if (_session is not { } renewed || !IsGood(renewed))
            {
                _session = renewed = await AssumeAsync(cancellationToken);
            }
            return renewed;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Dispose()
    {
        _session = null;
        _oneAtATime.Dispose();
    }

    /// <summary>The last step of a delivery: nothing is renewed any more.</summary>
    public static ValueTask<string?> EndAsync(IEnumerable<AwsLease> leases)
    {
        foreach (var lease in leases)
        {
            lease.Dispose();
        }
        return ValueTask.FromResult<string?>(null);
    }

    /// <summary>Who AWS says one is, for people. It holds the role's name.</summary>
    public string? Tell(string? principal) => principal is not null && Role.IsSensitive ? Role.Shown : principal;

    public ChosenSetting Role => configuration.Of(AwsVocabulary.Role);

    private bool IsGood(AwsSession session)
    {
        var enough = request.Duration / 2 < RenewBefore ? request.Duration / 2 : RenewBefore;
        return session.ExpiresAt - clock.GetUtcNow() > enough;
    }

    private async Task<AwsSession> AssumeAsync(CancellationToken cancellationToken)
    {
        var (session, refusal) = await TryAsync(cancellationToken);
        if (refusal?.IsExpired == true)
        {
            // The token grew old on the way; a second one that does is no accident.
            (session, refusal) = await TryAsync(cancellationToken);
        }
        return session ?? throw new CredentialsRefusedException(refusal!.Advice);
    }

    private async Task<(AwsSession? Session, AwsRefusal? Refusal)> TryAsync(CancellationToken cancellationToken)
    {
        var (token, entry) = await MintAsync(lifetime: null, cancellationToken);
        var started = clock.GetTimestamp();
        using var span = Tracing.Start("exchange", ActivityKind.Client);
        span?.SetTag("orchestrator.cloud", AwsCloud.Name);
        var (session, refusal) = await exchange.ExchangeAsync(token, request, cancellationToken);
        if (refusal is not null)
        {
            span.Fail(refusal.Code);
        }
        if (session is not null)
        {
            phase.Secret(session.SecretAccessKey);
            phase.Secret(session.SessionToken);
        }
        entry.Role = Role.Shown;
        entry.SessionName = request.SessionName;
        entry.Principal = Tell(session?.Principal);
        entry.AccessKeyId = session?.AccessKeyId;
        entry.ExpiresAt = session?.ExpiresAt;
        entry.RequestId = session?.RequestId ?? refusal?.RequestId;
        entry.ErrorCode = refusal?.Code;
        entry.ExchangeMilliseconds = (int)clock.GetElapsedTime(started).TotalMilliseconds;
        await phase.RecordAsync(entry, cancellationToken);
        return (session, refusal);
    }

    /// <summary>A token for this configuration.</summary>
    public Task<(IdentityToken Token, CredentialGrant Entry)> MintAsync(TimeSpan? lifetime, CancellationToken cancellationToken) => phase.MintAsync(
        AwsCloud.Name, configuration.Tag, configuration.Need(AwsVocabulary.Audience), cancellationToken, lifetime,
        claims: phase.Policy.SessionTags ? AwsSessionTags.Of(phase) : null);
}
