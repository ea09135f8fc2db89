using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access;

public sealed class ApiTokensTests
{
    private static readonly TokenRequest Plain = new(Someone.Alice);

    [Theory, EachDatabase]
    public async Task A_token_says_whose_it_is(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (organization, name) = await installation.OrganizationAsync();
        var team = await installation.TeamAsync(organization);
        var user = await installation.UserAsync();
        var tokens = installation.Get<ApiTokens>();

        var users = await tokens.IssueAsync(user.Id, Plain, CancellationToken.None);
        var teams = await tokens.IssueAsync(team.Id, Plain, CancellationToken.None);
        var organizations = await tokens.IssueAsync(organization, Plain, CancellationToken.None);

        Assert.Equal(Principal.Of(user), (await FindAsync(installation, users))!.Principal);
        Assert.Equal(
            new Principal(PrincipalKind.Team, team.Id.Value, $"api-team_{team.Id.Value["team-".Length..]}"),
            (await FindAsync(installation, teams))!.Principal);
        Assert.Equal(
            new Principal(PrincipalKind.Organization, organization.Value, $"api-org-{name}"),
            (await FindAsync(installation, organizations))!.Principal);
    }

    [Fact]
    public async Task A_token_has_the_form_that_scanners_for_lost_secrets_know()
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);

        var issued = await IssueAsync(installation);

        Assert.Matches(@"\A[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9]{67}\z", issued.Text);
        Assert.DoesNotContain(issued.Text, issued.ToString(), StringComparison.Ordinal);
    }

    [Theory, EachDatabase]
    public async Task Only_a_tokens_hash_is_stored(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);

        var issued = await IssueAsync(installation);

        await using var db = installation.Open();
        var row = await db.ApiTokens.AsNoTracking().SingleAsync();
        var texts = db.Entry(row).Properties.Select(property => property.CurrentValue?.ToString() ?? "");
        Assert.Equal(TokenHash.Of(issued.Text), row.Hash);
        Assert.DoesNotContain(texts, text => text.Contains(issued.Text[14..], StringComparison.OrdinalIgnoreCase));
    }

    [Theory, EachDatabase]
    public async Task An_expired_token_opens_nothing_from_its_very_instant_on(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var issued = await IssueAsync(installation, Plain with { ExpiredAt = Installation.Start + TimeSpan.FromSeconds(10) });

        installation.Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.NotNull(await FindAsync(installation, issued));
        installation.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Null(await FindAsync(installation, issued));
    }

    [Theory, EachDatabase]
    public async Task A_revoked_token_opens_nothing_at_once(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var revoked = await IssueAsync(installation);
        var kept = await IssueAsync(installation);
        Assert.NotNull(await FindAsync(installation, revoked));

        await installation.Get<ApiTokens>().RevokeAsync(all => all.Where(token => token.Id == revoked.Token.Id), CancellationToken.None);

        Assert.Null(await FindAsync(installation, revoked));
        Assert.NotNull(await FindAsync(installation, kept));
    }

    [Theory, EachDatabase]
    public async Task A_teams_token_without_a_description_replaces_only_the_one_before(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var team = await installation.TeamAsync((await installation.OrganizationAsync()).Id);
        var tokens = installation.Get<ApiTokens>();
        var first = await tokens.IssueAsync(team.Id, Plain, CancellationToken.None);
        var described = await tokens.IssueAsync(team.Id, Plain with { Description = "for the pipeline" }, CancellationToken.None);
        Assert.NotNull(await FindAsync(installation, first));

        var second = await tokens.IssueAsync(team.Id, Plain, CancellationToken.None);

        Assert.Null(await FindAsync(installation, first));
        Assert.NotNull(await FindAsync(installation, second));
        Assert.NotNull(await FindAsync(installation, described));
    }

    [Theory, EachDatabase]
    public async Task An_organization_has_one_token(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (organization, _) = await installation.OrganizationAsync();
        var tokens = installation.Get<ApiTokens>();
        var first = await tokens.IssueAsync(organization, Plain, CancellationToken.None);
        Assert.NotNull(await FindAsync(installation, first));

        var second = await tokens.IssueAsync(organization, Plain, CancellationToken.None);

        Assert.Null(await FindAsync(installation, first));
        Assert.NotNull(await FindAsync(installation, second));
    }

    [Theory, EachDatabase]
    public async Task The_last_use_is_written_once_in_a_minute_however_often_it_is_used(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var issued = await IssueAsync(installation);
        Assert.Null(await LastUseAsync(installation));

        await FindAsync(installation, issued);
        Assert.Equal(Installation.Start, await LastUseAsync(installation));
        for (var second = 0; second < 59; second++)
        {
            installation.Clock.Advance(TimeSpan.FromSeconds(1));
            await FindAsync(installation, issued);
        }
        Assert.Equal(Installation.Start, await LastUseAsync(installation));
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        await FindAsync(installation, issued);

        Assert.Equal(Installation.Start + ApiTokens.LastUsePrecision, await LastUseAsync(installation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing of the kind")]
    [InlineData("abcdefghijklmn.atlasv1.tooshort")]
    public async Task What_is_no_token_is_found_to_be_nobodys(string text)
    {
        await using var installation = await Installation.CreateAsync(DatabaseProvider.Sqlite);

        Assert.Null(await installation.Get<ApiTokens>().FindAsync(text, CancellationToken.None));
    }

    private static async Task<IssuedToken> IssueAsync(Installation installation, TokenRequest? request = null) =>
        await installation.Get<ApiTokens>().IssueAsync((await installation.UserAsync()).Id, request ?? Plain, CancellationToken.None);

    private static ValueTask<KnownToken?> FindAsync(Installation installation, IssuedToken issued) =>
        installation.Get<ApiTokens>().FindAsync(issued.Text, CancellationToken.None);

    private static async Task<DateTimeOffset?> LastUseAsync(Installation installation)
    {
        await using var db = installation.Open();
        return (await db.ApiTokens.AsNoTracking().SingleAsync()).LastUsedAt;
    }
}
