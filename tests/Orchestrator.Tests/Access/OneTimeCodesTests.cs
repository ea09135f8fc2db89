using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access;

public sealed class OneTimeCodesTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    [Theory, EachDatabase]
    public async Task A_code_works_once_however_many_show_it_at_the_same_time(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var user = await installation.UserAsync();
        var codes = installation.Get<OneTimeCodes>();
        var code = await codes.MakeAsync(OneTimePurpose.TerraformLogin, user.Id, Lifetime, CancellationToken.None);

        var redeemed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => codes.RedeemAsync(OneTimePurpose.TerraformLogin, code, CancellationToken.None))));

        Assert.Equal(user.Id, Assert.Single(redeemed, owner => owner is not null));
    }

    [Theory, EachDatabase]
    public async Task A_code_is_good_until_its_last_instant_and_not_at_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (first, second) = (await MakeAsync(installation), await MakeAsync(installation));

        installation.Clock.Advance(Lifetime - TimeSpan.FromSeconds(1));
        Assert.NotNull(await RedeemAsync(installation, first));
        installation.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await RedeemAsync(installation, second));
    }

    [Theory, EachDatabase]
    public async Task A_code_for_one_thing_opens_no_other(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var code = await MakeAsync(installation);

        Assert.Null(await installation.Get<OneTimeCodes>().RedeemAsync(OneTimePurpose.SignIn, code, CancellationToken.None));
        Assert.NotNull(await RedeemAsync(installation, code));
    }

    [Theory, EachDatabase]
    public async Task A_code_goes_with_its_owners_account(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var user = await installation.UserAsync();
        var code = await installation.Get<OneTimeCodes>().MakeAsync(OneTimePurpose.TerraformLogin, user.Id, Lifetime, CancellationToken.None);
        await using var db = installation.Open();

        await db.Users.Where(row => row.Id == user.Id).ExecuteDeleteAsync();

        Assert.Null(await RedeemAsync(installation, code));
    }

    [Theory, EachDatabase]
    public async Task Only_a_codes_hash_is_stored_and_not_for_long(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var code = await MakeAsync(installation);
        await using var db = installation.Open();

        Assert.Equal(TokenHash.Of(code), (await db.OneTimeCodes.AsNoTracking().SingleAsync()).Hash);
        installation.Clock.Advance(Lifetime);
        var later = await MakeAsync(installation);

        Assert.Equal(TokenHash.Of(later), (await db.OneTimeCodes.AsNoTracking().SingleAsync()).Hash);
    }

    private static async Task<string> MakeAsync(Installation installation) => await installation.Get<OneTimeCodes>().MakeAsync(
        OneTimePurpose.TerraformLogin, (await installation.UserAsync()).Id, Lifetime, CancellationToken.None);

    private static Task<UserId?> RedeemAsync(Installation installation, string code) =>
        installation.Get<OneTimeCodes>().RedeemAsync(OneTimePurpose.TerraformLogin, code, CancellationToken.None);
}
