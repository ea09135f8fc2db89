using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

public sealed partial class TokensPageTests
{
    private const string Path = "/app/settings/tokens";

    [Theory, EachDatabase]
    public async Task Everybody_has_a_page_of_their_own_tokens_and_sees_nobody_elses(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var (alice, bob) = (await platform.AccountAsync(), await platform.AccountAsync());
        var others = await IssueAsync(platform, bob, "of bob");
        using var browser = await Browser.SignedInAsync(platform, alice.Id);

        var page = (await browser.GetAsync(Path)).Expect(200);
        var created = (await CreateAsync(browser, page, "of alice", "")).Expect(200);

        Assert.DoesNotContain("of bob", created.Text, StringComparison.Ordinal);
        var token = Shown().Match(created.Text).Value;
        Assert.True(ApiTokens.LooksLikeOne(token));
        await using var db = platform.Open();
        var stored = await db.ApiTokens.AsNoTracking().SingleAsync(row => row.UserId == alice.Id);
        Assert.Equal((TokenHash.Of(token), "of alice", null), (stored.Hash, stored.Description, stored.ExpiredAt));
        Assert.DoesNotContain(token, (await browser.GetAsync(Path)).Expect(200).Text, StringComparison.Ordinal);

        var refused = await browser.SubmitAsync(
            created with { Bytes = System.Text.Encoding.UTF8.GetBytes(created.Text.Replace(stored.Id.Value, others.Value, StringComparison.Ordinal)) },
            $"{Path}/{others}/revoke");
        refused.Expect(302);
        Assert.True(await db.ApiTokens.AnyAsync(row => row.Id == others));
        (await browser.SubmitAsync(created, $"{Path}/{stored.Id}/revoke")).Expect(302);
        Assert.False(await db.ApiTokens.AnyAsync(row => row.Id == stored.Id));
    }

    [Fact]
    public async Task A_token_gets_the_life_that_was_chosen()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        using var browser = await Browser.SignedInAsync(platform, user.Id);

        (await CreateAsync(browser, (await browser.GetAsync(Path)).Expect(200), "", "90")).Expect(200);

        await using var db = platform.Open();
        var stored = await db.ApiTokens.AsNoTracking().SingleAsync(row => row.UserId == user.Id);
        Assert.Null(stored.Description);
        Assert.InRange(stored.ExpiredAt!.Value - stored.CreatedAt, TimeSpan.FromDays(89.99), TimeSpan.FromDays(90));
    }

    [Theory]
    [InlineData("3650000000", 1)]
    [InlineData("-1", 1)]
    [InlineData("soon", 1)]
    [InlineData("30", 257)]
    public async Task What_the_form_does_not_offer_is_refused_in_words(string days, int length)
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        using var browser = await Browser.SignedInAsync(platform, user.Id);

        var answer = (await CreateAsync(browser, (await browser.GetAsync(Path)).Expect(200), new string('x', length), days)).Expect(200);

        Assert.Contains("id=\"token-error\"", answer.Text, StringComparison.Ordinal);
        await using var db = platform.Open();
        Assert.False(await db.ApiTokens.AnyAsync(row => row.UserId == user.Id));
    }

    [Fact]
    public async Task Strangers_are_asked_to_sign_in()
    {
        var platform = await SharedPlatforms.OfAsync();

        var answer = (await platform.Anonymous.GetAsync(Path)).Expect(302);

        Assert.Contains("/sign-in?return=%2Fapp%2Fsettings%2Ftokens", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    private static Task<Answer> CreateAsync(Browser browser, Answer page, string description, string days) =>
        browser.SubmitOwnAsync(page, Path, ("Form.Description", description), ("Form.Days", days));

    private static async Task<ApiTokenId> IssueAsync(Platform platform, User user, string description) => (await platform.Get<ApiTokens>().IssueAsync(
        user.Id, new TokenRequest(Principal.Of(user).Actor, description), CancellationToken.None)).Token.Id;

    [GeneratedRegex(@"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9]{67}")]
    private static partial Regex Shown();
}
