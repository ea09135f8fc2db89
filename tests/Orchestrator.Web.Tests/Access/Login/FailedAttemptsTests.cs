using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Tests.Access.Login;

public sealed class FailedAttemptsTests
{
    public const int Most = FailedAttempts.MaxInWindow;

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void An_address_waits_from_its_last_allowed_failure_until_its_first_one_is_a_minute_old()
    {
        var attempts = new FailedAttempts(_clock);
        var visitor = From("192.0.2.7");
        for (var failure = 1; failure < Most; failure++)
        {
            attempts.Count(visitor);
            Assert.Null(attempts.WaitOf(visitor));
        }
        _clock.Advance(TimeSpan.FromSeconds(20));

        attempts.Count(visitor);

        Assert.Equal(TimeSpan.FromSeconds(40), attempts.WaitOf(visitor));
        Assert.Null(attempts.WaitOf(From("192.0.2.8")));
        _clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Null(attempts.WaitOf(visitor));
        attempts.Count(visitor);
        Assert.Null(attempts.WaitOf(visitor));
    }

    private static DefaultHttpContext From(string address) => new() { Connection = { RemoteIpAddress = IPAddress.Parse(address) } };
}
