using System.Text;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access.SignIn;

public sealed class AuthenticatorsTests
{
    /// <summary>RFC 6238, appendix B: the last six of its eight digits.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_standard(long seconds, string code) => Assert.Equal(
        code, TimeCodes.Of(Encoding.ASCII.GetBytes("12345678901234567890"), TimeCodes.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds))));

    /// <summary>RFC 4648, section 10.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Keys_are_spelt_as_authenticators_read_them(string key, string spelt) => Assert.Equal(spelt, TimeCodes.Spell(Encoding.ASCII.GetBytes(key)));

    [Theory, EachDatabase]
    public async Task A_code_is_good_once_and_none_before_it_is_good_again(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (user, authenticators) = (await installation.UserAsync(), installation.Get<Authenticators>());
        var key = await ActivateAsync(installation, user);
        installation.Clock.Advance(TimeSpan.FromMinutes(5));
        var (earlier, code) = (CodeAt(installation, key, -1), CodeAt(installation, key, 0));

        var used = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => authenticators.UseCodeAsync(user.Id, code, CancellationToken.None))));

        Assert.Single(used, isGood => isGood);
        Assert.False(await authenticators.UseCodeAsync(user.Id, earlier, CancellationToken.None));
        installation.Clock.Advance(TimeSpan.FromSeconds(TimeCodes.StepSeconds));
        Assert.False(await authenticators.UseCodeAsync(user.Id, code, CancellationToken.None));
        Assert.True(await authenticators.UseCodeAsync(user.Id, CodeAt(installation, key, 0).Insert(3, " "), CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_code_is_good_a_step_around_its_time_and_no_longer(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (user, authenticators) = (await installation.UserAsync(), installation.Get<Authenticators>());
        var key = await ActivateAsync(installation, user);
        installation.Clock.Advance(TimeSpan.FromMinutes(5));

        Assert.False(await authenticators.UseCodeAsync(user.Id, CodeAt(installation, key, -2), CancellationToken.None));
        Assert.False(await authenticators.UseCodeAsync(user.Id, CodeAt(installation, key, 2), CancellationToken.None));
        Assert.True(await authenticators.UseCodeAsync(user.Id, CodeAt(installation, key, -1), CancellationToken.None));
        Assert.True(await authenticators.UseCodeAsync(user.Id, CodeAt(installation, key, 1), CancellationToken.None));
        Assert.False(await authenticators.UseCodeAsync(user.Id, "", CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_recovery_code_is_good_once_and_for_its_owner(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (user, other, authenticators) = (await installation.UserAsync(), await installation.UserAsync(), installation.Get<Authenticators>());
        await ActivateAsync(installation, user);
        var old = await authenticators.RenewRecoveryCodesAsync(user.Id, CancellationToken.None);
        var codes = await authenticators.RenewRecoveryCodesAsync(user.Id, CancellationToken.None);

        Assert.Equal(Authenticators.RecoveryCodeCount, codes.Distinct().Count());
        Assert.False(await authenticators.UseRecoveryCodeAsync(user.Id, old[0], CancellationToken.None));
        Assert.False(await authenticators.UseRecoveryCodeAsync(other.Id, codes[0], CancellationToken.None));
        Assert.True(await authenticators.UseRecoveryCodeAsync(user.Id, codes[0].ToUpperInvariant().Replace("-", " ", StringComparison.Ordinal), CancellationToken.None));
        Assert.False(await authenticators.UseRecoveryCodeAsync(user.Id, codes[0], CancellationToken.None));
        Assert.Equal(Authenticators.RecoveryCodeCount - 1, await authenticators.RecoveryCodesLeftAsync(user.Id, CancellationToken.None));
        await using var db = installation.Open();
        Assert.DoesNotContain(await db.RecoveryCodes.AsNoTracking().ToListAsync(), row => codes.Contains(row.Hash));
    }

    [Theory, EachDatabase]
    public async Task An_authenticator_is_asked_for_when_it_was_confirmed_and_nobody_replaces_it_unseen(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (user, authenticators) = (await installation.UserAsync(), installation.Get<Authenticators>());
        await authenticators.BeginAsync(user.Id, CancellationToken.None);

        Assert.Equal(AuthenticatorState.Pending, await authenticators.StateOfAsync(user.Id, CancellationToken.None));
        Assert.Null(await authenticators.ConfirmAsync(user.Id, "", CancellationToken.None));
        var key = await ActivateAsync(installation, user);
        await authenticators.BeginAsync(user.Id, CancellationToken.None);

        Assert.Equal(AuthenticatorState.Active, await authenticators.StateOfAsync(user.Id, CancellationToken.None));
        Assert.Null(await authenticators.PendingKeyAsync(user.Id, CancellationToken.None));
        installation.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(await authenticators.UseCodeAsync(user.Id, CodeAt(installation, key, 0), CancellationToken.None));
        await using var db = installation.Open();
        var stored = (await db.SignInFactors.AsNoTracking().SingleAsync(row => row.UserId == user.Id)).ProtectedTimeCodeKey!;
        Assert.True(stored.AsSpan().IndexOf(key) < 0);
        await authenticators.RemoveAsync(user.Id, CancellationToken.None);
        Assert.Equal(AuthenticatorState.None, await authenticators.StateOfAsync(user.Id, CancellationToken.None));
        Assert.Equal(0, await authenticators.RecoveryCodesLeftAsync(user.Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task An_organisation_that_asks_for_a_second_factor_is_closed_to_members_without(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (user, organization) = (await installation.UserAsync(), await installation.OrganizationAsync());
        await using (var db = installation.Open())
        {
            await db.Organizations.Where(row => row.Id == organization.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.RequiresTwoFactor, true));
            db.OrganizationMemberships.Add(new OrganizationMembership
            {
                Id = Identifier.New<OrganizationMembershipId>(), OrganizationId = organization.Id, UserId = user.Id, CreatedAt = Installation.Start,
            });
            await db.SaveChangesAsync();
        }

        Assert.Empty(await OrganizationsOfAsync(installation, user));
        await ActivateAsync(installation, user);
        Assert.Equal([organization.Id], await OrganizationsOfAsync(installation, user));
        await installation.Get<Authenticators>().RemoveAsync(user.Id, CancellationToken.None);
        Assert.Empty(await OrganizationsOfAsync(installation, user));
    }

    private static async Task<IReadOnlyCollection<OrganizationId>> OrganizationsOfAsync(Installation installation, User user) =>
        (await installation.Get<Standings>().OfAsync(Principal.Of(user), null, CancellationToken.None)).Organizations;

    private static async Task<byte[]> ActivateAsync(Installation installation, User user)
    {
        var authenticators = installation.Get<Authenticators>();
        await authenticators.BeginAsync(user.Id, CancellationToken.None);
        await using var db = installation.Open();
        var row = await db.SignInFactors.AsNoTracking().SingleAsync(row => row.UserId == user.Id);
        var key = installation.Get<SecretBox>().Unprotect(SecretKind.SignIn, SealedPlaces.OfTimeCode(user.Id), row.ProtectedTimeCodeKey!);
        Assert.Equal(TimeCodes.Spell(key), await authenticators.PendingKeyAsync(user.Id, CancellationToken.None));
        Assert.Equal(Authenticators.RecoveryCodeCount, (await authenticators.ConfirmAsync(user.Id, CodeAt(installation, key, 0), CancellationToken.None))!.Count);
        return key;
    }

    private static string CodeAt(Installation installation, byte[] key, int steps) =>
        TimeCodes.Of(key, TimeCodes.StepAt(installation.Clock.GetUtcNow()) + steps);
}
