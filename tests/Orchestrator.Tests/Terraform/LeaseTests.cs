using Microsoft.Extensions.Time.Testing;
using Orchestrator.Terraform;

namespace Orchestrator.Tests.Terraform;

public sealed class LeaseTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void A_lease_counts_from_before_the_sign_of_life_was_sent()
    {
        var lease = new Lease(_clock);
        Assert.True(lease is { Left: null, Holds: true, SecondsForGuards: 0 });
        var sent = _clock.GetTimestamp();
        _clock.Advance(TimeSpan.FromSeconds(2));
        var renewed = lease.Renewed;

        lease.Renew(sent, TimeSpan.FromSeconds(14));

        Assert.True(renewed.IsCompleted);
        Assert.False(lease.Renewed.IsCompleted);
        Assert.Equal(TimeSpan.FromSeconds(12), lease.Left);
        Assert.Equal(11, lease.SecondsForGuards);
        _clock.Advance(TimeSpan.FromSeconds(12));
        Assert.False(lease.Holds);
    }

    [Fact]
    public void What_a_witness_says_makes_a_lease_longer_and_never_shorter()
    {
        var lease = new Lease(_clock);
        lease.Renew(_clock.GetTimestamp(), Lease.Alone);

        lease.Extend(_clock.GetTimestamp(), Lease.AmongOthers);
        Assert.Equal(Lease.Alone, lease.Left);
        _clock.Advance(Lease.Alone - TimeSpan.FromSeconds(5));
        lease.Extend(_clock.GetTimestamp(), Lease.AmongOthers);
        Assert.Equal(Lease.AmongOthers, lease.Left);

        // Others have come, and the claim's row says so.
        lease.Renew(_clock.GetTimestamp(), TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.FromSeconds(2), lease.Left);
    }

    /// <summary>The order in which everything of a run ends, before anybody else may take it over.</summary>
    [Fact]
    public void There_is_time_between_the_interrupt_the_kill_the_guards_and_the_end()
    {
        var lease = new Lease(_clock);
        lease.Renew(_clock.GetTimestamp(), Lease.AmongOthers);

        Assert.True(Lease.TimeToSave > Lease.TimeToDie + TimeSpan.FromSeconds(3));
        Assert.True(Lease.TimeToDie > Lease.AmongOthers - TimeSpan.FromSeconds(lease.SecondsForGuards));
        Assert.True(TimeSpan.FromSeconds(lease.SecondsForGuards) <= Lease.AmongOthers - TimeSpan.FromSeconds(1));
    }
}
