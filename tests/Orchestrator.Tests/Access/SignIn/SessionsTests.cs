using Microsoft.EntityFrameworkCore;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access.SignIn;

public sealed class SessionsTests
{
    private static readonly SignInOrigin Here = new("192.0.2.7", "Firefox/140");

    [Theory, EachDatabase]
    public async Task A_session_that_is_used_lives_on_and_ends_all_the_same_after_its_time(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (sessions, user) = (installation.Get<Sessions>(), await installation.UserAsync());
        var session = await sessions.BeginAsync(user.Id, SignInMethod.Password, Here, CancellationToken.None);
        var step = Sessions.IdleLifetime - TimeSpan.FromMinutes(1);

        for (var used = step; used < Sessions.Lifetime; used += step)
        {
            installation.Clock.Advance(step);
            Assert.Equal(new KnownSession(session.Id, user.Id), await sessions.FindAsync(session.Id, CancellationToken.None));
        }
        installation.Clock.Advance(step);

        Assert.Null(await sessions.FindAsync(session.Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_session_that_nobody_uses_ends_and_is_swept_away(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (sessions, user) = (installation.Get<Sessions>(), await installation.UserAsync());
        var session = await sessions.BeginAsync(user.Id, SignInMethod.Password, Here, CancellationToken.None);
        await using var db = installation.Open();
        Assert.Equal(session.Id, (await sessions.Alive(db, user.Id).SingleAsync()).Id);

        installation.Clock.Advance(Sessions.IdleLifetime);

        Assert.Null(await sessions.FindAsync(session.Id, CancellationToken.None));
        Assert.Empty(await sessions.Alive(db, user.Id).ToListAsync());
        var next = await sessions.BeginAsync(user.Id, SignInMethod.Password, Here, CancellationToken.None);
        Assert.Equal(next.Id, (await db.Sessions.AsNoTracking().SingleAsync(row => row.UserId == user.Id)).Id);
    }

    [Theory, EachDatabase]
    public async Task An_ended_session_is_gone_at_once_and_for_other_processes_too(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (sessions, user) = (installation.Get<Sessions>(), await installation.UserAsync());
        var (one, other) = (
            await sessions.BeginAsync(user.Id, SignInMethod.Password, Here, CancellationToken.None),
            await sessions.BeginAsync(user.Id, SignInMethod.Password, new(null, new string('x', 1000)), CancellationToken.None));
        Assert.NotNull(await sessions.FindAsync(one.Id, CancellationToken.None));

        Assert.Equal(1, await sessions.EndAsync(all => all.Where(row => row.Id == one.Id), CancellationToken.None));

        Assert.Null(await sessions.FindAsync(one.Id, CancellationToken.None));
        Assert.NotNull(await sessions.FindAsync(other.Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task When_a_session_was_last_seen_is_known_to_the_minute(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (sessions, user) = (installation.Get<Sessions>(), await installation.UserAsync());
        var session = await sessions.BeginAsync(user.Id, SignInMethod.Passkey, Here, CancellationToken.None);

        installation.Clock.Advance(TimeSpan.FromMinutes(5));
        await sessions.FindAsync(session.Id, CancellationToken.None);

        await using var db = installation.Open();
        var stored = await db.Sessions.AsNoTracking().SingleAsync(row => row.Id == session.Id);
        Assert.Equal((Installation.Start + TimeSpan.FromMinutes(5), Installation.Start), (stored.LastSeenAt, stored.CreatedAt));
        Assert.Equal((SignInMethod.Passkey, Here.Address, Here.UserAgent), (stored.Method, stored.Address, stored.UserAgent));
    }
}
