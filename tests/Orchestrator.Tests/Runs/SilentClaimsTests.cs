using Microsoft.Extensions.Time.Testing;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Terraform;

namespace Orchestrator.Tests.Runs;

public sealed class SilentClaimsTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly SilentClaims _silent;
    private SeenClaim _claim = new(Identifier.New<RunId>(), RunStatus.Applying, "worker", DateTimeOffset.UnixEpoch, LeaseSeconds: 14);

    public SilentClaimsTests() => _silent = new SilentClaims(_clock);

    [Fact]
    public void A_claim_is_dead_when_it_was_seen_unchanged_for_as_long_as_its_lease()
    {
        Assert.Equal(14, SecondsUntilDead());
        Beat();
        Assert.Equal(14, SecondsUntilDead());
    }

    [Fact]
    public void Whoever_was_alone_may_be_silent_for_longer()
    {
        _claim = _claim with { LeaseSeconds = 150 };

        Assert.Equal(150, SecondsUntilDead());
    }

    [Fact]
    public void A_claim_of_a_version_that_wrote_no_lease_has_the_usual_one()
    {
        _claim = _claim with { LeaseSeconds = 0 };

        Assert.Equal(Lease.AmongOthers.TotalSeconds, SecondsUntilDead());
    }

    [Fact]
    public void A_sign_of_life_starts_the_count_anew_and_so_does_another_worker()
    {
        Look(13);
        Beat();
        Look(13);
        _claim = _claim with { ClaimedBy = "another" };

        Assert.Equal(14, SecondsUntilDead());
    }

    [Fact]
    public void What_was_seen_before_a_look_that_failed_does_not_count()
    {
        Look(13);
        _silent.Forget();

        Assert.Equal(14, SecondsUntilDead());
    }

    [Fact]
    public void What_was_seen_before_a_pause_does_not_count()
    {
        Look(13);
        _clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal(14, SecondsUntilDead());
    }

    private void Beat() => _claim = _claim with { HeartbeatAt = _claim.HeartbeatAt + Second };

    private void Look(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            Assert.Empty(_silent.See([_claim]));
            _clock.Advance(Second);
        }
    }

    private int SecondsUntilDead()
    {
        for (var second = 0; ; second++)
        {
            if (_silent.See([_claim]).Count > 0)
            {
                return second;
            }
            _clock.Advance(Second);
        }
    }
}
