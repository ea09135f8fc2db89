using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access;

public sealed class TerraformLoginsTests
{
    [Theory, EachDatabase]
    public async Task A_consent_is_traded_for_a_lasting_token_of_whoever_gave_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var user = await installation.UserAsync();
        var logins = installation.Get<TerraformLogins>();

        var issued = await logins.RedeemAsync(await logins.ConsentAsync(user.Id, CancellationToken.None), "192.0.2.7", CancellationToken.None);

        Assert.Equal(user.Id, issued!.Token.UserId);
        Assert.Equal("terraform login from 192.0.2.7", issued.Token.Description);
        Assert.Null(issued.Token.ExpiredAt);
        Assert.Equal(user.Username, issued.Token.CreatedBy);
        Assert.Equal(Principal.Of(user), (await installation.Get<ApiTokens>().FindAsync(issued.Text, CancellationToken.None))!.Principal);
    }

    [Theory, EachDatabase]
    public async Task A_consent_that_is_shown_again_takes_its_token_back_and_no_other(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var user = await installation.UserAsync();
        var (logins, tokens) = (installation.Get<TerraformLogins>(), installation.Get<ApiTokens>());
        var consent = await logins.ConsentAsync(user.Id, CancellationToken.None);
        var first = await logins.RedeemAsync(consent, "here", CancellationToken.None);
        var other = await logins.RedeemAsync(await logins.ConsentAsync(user.Id, CancellationToken.None), "here", CancellationToken.None);

        Assert.Null(await logins.RedeemAsync(consent, "elsewhere", CancellationToken.None));

        Assert.Null(await tokens.FindAsync(first!.Text, CancellationToken.None));
        Assert.NotNull(await tokens.FindAsync(other!.Text, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task A_consent_lapses_without_a_token(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var logins = installation.Get<TerraformLogins>();
        var consent = await logins.ConsentAsync((await installation.UserAsync()).Id, CancellationToken.None);
        installation.Clock.Advance(TerraformLogins.ConsentLifetime);

        Assert.Null(await logins.RedeemAsync(consent, "here", CancellationToken.None));
        Assert.Null(await logins.RedeemAsync("never given", "here", CancellationToken.None));

        await using var db = installation.Open();
        Assert.False(await db.ApiTokens.AnyAsync());
    }
}
