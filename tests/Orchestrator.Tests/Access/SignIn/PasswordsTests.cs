using System.Text;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access.SignIn;

public sealed class PasswordsTests
{
    private const string Right = "correct horse battery";
    private const string Wrong = "correct horse buttery";

    [Theory, EachDatabase]
    public async Task The_right_password_is_right_by_name_and_by_an_address_that_is_proved(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var user = await installation.UserAsync(row => (row.Email, row.EmailKey) = ("Alice@example.com", "ALICE@EXAMPLE.COM"));
        var claims = await installation.UserAsync(row => row.Email = "bob@example.com");
        await SetAsync(installation, user);
        await SetAsync(installation, claims);

        Assert.Equal(new PasswordCheck(user.Id, true, false), await CheckAsync(installation, user.Username.ToUpperInvariant(), Right));
        Assert.Equal(new PasswordCheck(user.Id, true, false), await CheckAsync(installation, " alice@EXAMPLE.com ", Right));
        Assert.Equal(new PasswordCheck(user.Id, false, false), await CheckAsync(installation, user.Username, Wrong));
        Assert.False((await CheckAsync(installation, user.Username, "")).IsRight);
        Assert.Equal(new PasswordCheck(null, false, false), await CheckAsync(installation, "bob@example.com", Right));
        Assert.Equal(new PasswordCheck(null, false, false), await CheckAsync(installation, "nobody", Right));
    }

    [Theory, EachDatabase]
    public async Task However_many_guess_at_the_same_time_only_so_many_are_heard_and_then_the_account_is_locked_for_a_while(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var user = await installation.UserAsync();
        await SetAsync(installation, user);
        var attempts = installation.Get<SignInAttempts>();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 3 * SignInAttempts.Max).Select(_ =>
            Task.Run(() => attempts.CountAsync(user.Id, CancellationToken.None))));

        Assert.Equal(SignInAttempts.Max - 1, outcomes.Count(outcome => outcome == AttemptOutcome.Granted));
        Assert.Single(outcomes, AttemptOutcome.Last);
        Assert.False((await CheckAsync(installation, user.Username, Right)).IsRight);
        installation.Clock.Advance(SignInAttempts.LockTime - TimeSpan.FromSeconds(1));
        Assert.False((await CheckAsync(installation, user.Username, Right)).IsRight);
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await CheckAsync(installation, user.Username, Right)).IsRight);
        Assert.False((await CheckAsync(installation, user.Username, Wrong)).WasLocked);
    }

    [Theory, EachDatabase]
    public async Task The_last_try_tells_that_it_was_and_right_ones_count_for_nothing(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var user = await installation.UserAsync();
        await SetAsync(installation, user);
        for (var attempt = 1; attempt < SignInAttempts.Max; attempt++)
        {
            Assert.False((await CheckAsync(installation, user.Username, Wrong)).WasLocked);
        }

        Assert.True((await CheckAsync(installation, user.Username, Right)).IsRight);
        Assert.True((await CheckAsync(installation, user.Username, Wrong)).WasLocked);
    }

    [Theory, EachDatabase]
    public async Task The_database_alone_holds_not_even_a_hash(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var user = await installation.UserAsync();
        await SetAsync(installation, user);
        await using var db = installation.Open();

        var stored = (await db.SignInFactors.AsNoTracking().SingleAsync(row => row.UserId == user.Id)).ProtectedPasswordHash!;

        Assert.DoesNotContain(Right, Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
        // Identity's third format begins so.
        Assert.StartsWith("AQAAAA", installation.Get<SecretBox>().UnprotectText(SecretKind.SignIn, SealedPlaces.OfPassword(user.Id), stored), StringComparison.Ordinal);
        Assert.DoesNotContain("AQAAAA", Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task A_new_password_replaces_the_old_one_and_ends_a_lock(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var user = await installation.UserAsync();
        await SetAsync(installation, user);
        for (var attempt = 0; attempt < SignInAttempts.Max; attempt++)
        {
            await installation.Get<SignInAttempts>().CountAsync(user.Id, CancellationToken.None);
        }

        Assert.NotNull(await installation.Get<Passwords>().SetAsync(user.Id, "too short", CancellationToken.None));
        Assert.Null(await installation.Get<Passwords>().SetAsync(user.Id, "another horse entirely", CancellationToken.None));

        Assert.True((await CheckAsync(installation, user.Username, "another horse entirely")).IsRight);
        Assert.False((await CheckAsync(installation, user.Username, Right)).IsRight);
    }

    private static async Task SetAsync(Installation installation, User user) =>
        Assert.Null(await installation.Get<Passwords>().SetAsync(user.Id, Right, CancellationToken.None));

    private static Task<PasswordCheck> CheckAsync(Installation installation, string name, string password) =>
        installation.Get<Passwords>().CheckAsync(name, password, CancellationToken.None);
}
