using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Data;

namespace Orchestrator.WorkloadIdentity;

/// <summary>Rotates and retires keys when their time has come. Any number of processes may do so at once.</summary>
public sealed partial class KeySchedule(
    KeyRotation rotation, SigningKeys keys, PublishedCopy copy, IDbContextFactory<OrchestratorDbContext> databases,
    IOptions<SigningKeyOptions> options, IOptions<IssuerOptions> issuer, TimeProvider clock, ILogger<KeySchedule> logger)
    : BackgroundService, IHostedLifecycleService
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    /// <summary>How often a published copy is looked at.</summary>
    public static readonly TimeSpan CopyInterval = TimeSpan.FromHours(1);

    // The issuer's address is known once the server listens.
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _nextLookAtCopy;
    private bool _adopted;

    /// <summary>One look at the keys: retires, rotates, or warns. The first look makes keys where there are none yet, so that no
    /// run has to wait for them, and neither has the start.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        if (!_adopted)
        {
            await rotation.AdoptAlgorithmAsync(cancellationToken);
            _adopted = true;
        }
        await rotation.RetireDueAsync(cancellationToken);
        var now = clock.GetUtcNow();
        if (issuer.Value.IsElsewhere)
        {
            if (now < _nextLookAtCopy)
            {
                return;
            }
            _nextLookAtCopy = now + CopyInterval;
        }
        if (await IsDueAsync(now, cancellationToken))
        {
            await RotateAsync(cancellationToken);
        }
        else if (issuer.Value.IsElsewhere)
        {
            await WarnAboutCopyAsync(cancellationToken);
        }
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _started.TrySetResult();
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await _started.Task.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Interval, clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception failed) when (failed is not OperationCanceledException)
            {
                Log.Failed(logger, failed);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task<bool> IsDueAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (options.Value.RotationPeriod == TimeSpan.Zero)
        {
            return false;
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var since = await db.SigningKeys
            .Where(key => key.State == SigningKeyState.Active)
            .Select(key => (DateTimeOffset?)(key.ActivatedAt ?? key.CreatedAt))
            .FirstOrDefaultAsync(cancellationToken);
        return since + options.Value.RotationPeriod <= now;
    }

    private async Task RotateAsync(CancellationToken cancellationToken)
    {
        var move = await rotation.RotateAsync(force: false, cancellationToken);
        if (move.Outcome == KeyMoveOutcome.NotInCopy)
        {
            Log.NotRotated(logger, move.Message);
        }
    }

    private async Task WarnAboutCopyAsync(CancellationToken cancellationToken)
    {
        var next = (await keys.PublishedAsync(cancellationToken)).Single(key => key.State == SigningKeyState.Next).Pair.PublicKey;
        if (await copy.ObjectionAsync(issuer.Value.Issuer, next, cancellationToken) is { } problem)
        {
            Log.CopyIsOld(logger, problem, next.Kid, issuer.Value.Issuer);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The signing keys could not be looked at; another look follows in a minute.")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Warning, "The signing key is due for rotation, and stays. {Reason}")]
        public static partial void NotRotated(ILogger logger, string reason);

        [LoggerMessage(3, LogLevel.Warning, "{Problem} The next key is {Kid}. Before it can sign, run 'issuer export DIRECTORY' and publish that directory at {Issuer}.")]
        public static partial void CopyIsOld(ILogger logger, string problem, string kid, string issuer);
    }
}
