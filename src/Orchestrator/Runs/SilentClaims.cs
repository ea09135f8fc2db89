using Orchestrator.Data;
using Orchestrator.Terraform;

namespace Orchestrator.Runs;

/// <summary>A claim as it was seen at one moment.</summary>
public sealed record SeenClaim(RunId Id, RunStatus Status, string? ClaimedBy, DateTimeOffset? HeartbeatAt, int LeaseSeconds)
{
    public static SeenClaim Of(Run run) => new(run.Id, run.Status, run.ClaimedBy, run.HeartbeatAt, run.LeaseSeconds);

    /// <summary>How long its worker may be silent.</summary>
    internal TimeSpan Lease => LeaseSeconds > 0 ? TimeSpan.FromSeconds(LeaseSeconds) : Terraform.Lease.AmongOthers;
}

/// <summary>Finds out which claims get no sign of life any more, by what this process itself has seen of them, and when.</summary>
/// <remarks>
/// Instants that other machines wrote down are compared with one another, never with a clock: whoever sets a clock neither kills a claim
/// nor spares one.
/// <para>What was seen counts as long as this process went on looking. While nobody gets at the database, nobody can give a sign of life;
/// after that the living come first.</para>
/// </remarks>
internal sealed class SilentClaims(TimeProvider clock)
{
    /// <summary>With a longer pause between two looks, this process does not know what it has missed.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private Dictionary<SeenClaim, long> _unchangedSince = [];
    private long? _lastLook;

    /// <summary>One look: every claim that there is.</summary>
    /// <returns>Those that have been silent for as long as their lease.</returns>
    public IReadOnlyList<SeenClaim> See(IReadOnlyList<SeenClaim> claims)
    {
        // Not from before the claims were read: a sign of life may have come in between.
        var now = clock.GetTimestamp();
        if (_lastLook is { } last && clock.GetElapsedTime(last, now) > LongestPause)
        {
            Forget();
        }
        _lastLook = now;
        var before = _unchangedSince;
        _unchangedSince = claims.ToDictionary(claim => claim, claim => before.GetValueOrDefault(claim, now));
        return [.. claims.Where(claim => clock.GetElapsedTime(_unchangedSince[claim], now) >= claim.Lease)];
    }

    /// <summary>The look failed.</summary>
    public void Forget() => _unchangedSince = [];
}
