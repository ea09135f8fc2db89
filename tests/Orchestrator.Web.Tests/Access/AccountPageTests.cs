using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

public sealed class AccountPageTests
{
    private const string New = "another horse entirely";

    [Fact]
    public async Task Whoever_comes_by_the_terminals_link_is_offered_a_password_and_may_go_on_without()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync(row => row.IsSiteAdmin = true);
        using var browser = new Browser(platform);

        var offered = (await browser.GetAsync(await platform.Get<SignInLinks>().MakeAsync(user.Id, CancellationToken.None))).Target();
        var page = (await browser.GetAsync(offered)).Expect(200);
        Assert.Contains("<a href=\"/\">Not now</a>", page.Text, StringComparison.Ordinal);
        (await browser.GetAsync("/")).Expect(200);
        (await browser.SubmitAsync(page, offered, ("Form.Password", New), ("Form.Confirmation", New))).Expect(302);

        using var next = new Browser(platform);
        Assert.Equal("/", (await next.EnterAsync(user.Username, New)).Target());
        Assert.Equal("/", (await next.GetAsync(await platform.Get<SignInLinks>().MakeAsync(user.Id, CancellationToken.None))).Target());
    }

    [Fact]
    public async Task A_changed_password_signs_every_other_browser_out()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.WithPasswordAsync();
        using var here = new Browser(platform);
        using var elsewhere = new Browser(platform);
        await here.EnterAsync(user.Username);
        await elsewhere.EnterAsync(user.Username);
        var page = (await here.GetAsync("/app/settings/security")).Expect(200);

        (await ChangeAsync(here, page, TestSignIns.Password, New, New)).Expect(302);

        Assert.Contains("Your password is set.", (await here.GetAsync("/app/settings/security")).Expect(200).Text, StringComparison.Ordinal);
        (await elsewhere.GetAsync("/app/settings/security")).Expect(302);
        Assert.StartsWith("/sign-in?problem", (await elsewhere.EnterAsync(user.Username)).Target(), StringComparison.Ordinal);
        Assert.Equal("/app/settings/tokens", (await elsewhere.EnterAsync(user.Username, New)).Target());
    }

    [Theory]
    [InlineData("wrong horse battery", New, New, "password-current-error")]
    [InlineData("", New, New, "password-current-error")]
    [InlineData(TestSignIns.Password, New, "another horse entirelx", "password-again-error")]
    [InlineData(TestSignIns.Password, "too short", "too short", "password-new-error")]
    [InlineData(TestSignIns.Password, "passwordpassword", "passwordpassword", "password-new-error")]
    public async Task A_password_that_cannot_be_is_refused_where_it_stands(string current, string wanted, string again, string error)
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.WithPasswordAsync();
        using var browser = await Browser.SignedInAsync(platform, user.Id);

        var answer = (await ChangeAsync(browser, (await browser.GetAsync("/app/settings/security")).Expect(200), current, wanted, again)).Expect(200);

        Assert.Contains($"id=\"{error}\" class=\"field-error\"", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(New, answer.Text, StringComparison.Ordinal);
        Assert.True((await platform.Get<Passwords>().CheckAsync(user.Username, TestSignIns.Password, CancellationToken.None)).IsRight);
    }

    [Fact]
    public async Task The_api_changes_a_password_for_whoever_knows_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.WithPasswordAsync();
        using var caller = await platform.CallerAsync(user);
        using var browser = await Browser.SignedInAsync(platform, user.Id);

        Assert.Equal("/data/attributes/current_password", (await PatchAsync(caller, "wrong horse battery", New, New)).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/password_confirmation", (await PatchAsync(caller, TestSignIns.Password, New, "other")).ExpectError(422).Pointer);
        Assert.Equal("/data/attributes/password", (await PatchAsync(caller, TestSignIns.Password, "short", "short")).ExpectError(422).Pointer);
        (await browser.GetAsync("/app/settings/security")).Expect(200);
        var changed = (await PatchAsync(caller, TestSignIns.Password, New, New)).Expect(200);

        Assert.Equal(user.Id.Value, changed.Id);
        Assert.True((await platform.Get<Passwords>().CheckAsync(user.Username, New, CancellationToken.None)).IsRight);
        (await browser.GetAsync("/app/settings/security")).Expect(302);
    }

    [Fact]
    public async Task A_token_alone_makes_no_password_where_there_was_none()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        using var caller = await platform.CallerAsync(user);

        Assert.Equal("/data/attributes/current_password", (await PatchAsync(caller, "", New, New)).ExpectError(422).Pointer);

        Assert.False(await platform.Get<Passwords>().HasOneAsync(user.Id, CancellationToken.None));
    }

    [Fact]
    public async Task A_session_that_is_ended_elsewhere_opens_nothing_at_its_next_request()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (user, other) = (await platform.WithPasswordAsync(), await platform.WithPasswordAsync());
        using var here = new Browser(platform);
        using var there = new Browser(platform);
        using var others = new Browser(platform);
        await here.EnterAsync(user.Username);
        await there.EnterAsync(user.Username);
        await others.EnterAsync(other.Username);
        await using var db = platform.Open();
        var sessions = await db.Sessions.AsNoTracking().Where(row => row.UserId == user.Id).OrderBy(row => row.CreatedAt).ToListAsync();
        var theirs = await db.Sessions.AsNoTracking().SingleAsync(row => row.UserId == other.Id);
        var page = (await here.GetAsync("/app/settings/sessions")).Expect(200);
        Assert.DoesNotContain(theirs.Id.Value, page.Text, StringComparison.Ordinal);

        await here.SubmitAsync(Forge(page, sessions[1].Id, theirs.Id), $"/app/settings/sessions/{theirs.Id}/end");
        (await others.GetAsync("/app/settings/sessions")).Expect(200);
        (await there.GetAsync("/app/settings/sessions")).Expect(200);
        await here.SubmitAsync(page, $"/app/settings/sessions/{sessions[1].Id}/end");

        (await there.GetAsync("/app/settings/sessions")).Expect(302);
        (await here.GetAsync("/app/settings/sessions")).Expect(200);
        await there.EnterAsync(user.Username);
        await here.SubmitAsync((await here.GetAsync("/app/settings/sessions")).Expect(200), "/app/settings/sessions/end-others");
        (await there.GetAsync("/app/settings/sessions")).Expect(302);
        (await here.GetAsync("/app/settings/sessions")).Expect(200);
    }

    [Fact]
    public async Task People_change_their_name_and_address_and_are_told_what_is_taken()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (user, other) = (await platform.ReachableAsync($"{TestWorkspace.NewName("u")}@example.com"), await platform.AccountAsync());
        using var browser = await Browser.SignedInAsync(platform, user.Id);
        var page = (await browser.GetAsync("/app/settings/profile")).Expect(200);
        var name = TestWorkspace.NewName("renamed");

        Assert.Contains("has already been taken", (await SaveAsync(browser, page, other.Username.ToUpperInvariant(), user.Email!)).Expect(200).Text, StringComparison.Ordinal);
        Assert.Contains("A username has", (await SaveAsync(browser, page, "no spaces", user.Email!)).Expect(200).Text, StringComparison.Ordinal);
        Assert.Contains("no e-mail address", (await SaveAsync(browser, page, name, "nowhere")).Expect(200).Text, StringComparison.Ordinal);
        (await SaveAsync(browser, page, name, user.Email!)).Expect(302);
        await using var db = platform.Open();
        var kept = await db.Users.AsNoTracking().SingleAsync(row => row.Id == user.Id);
        Assert.Equal((name, user.EmailKey), (kept.Username, kept.EmailKey));
        (await SaveAsync(browser, page, name, other.Username + "@example.com")).Expect(302);

        Assert.Null((await db.Users.AsNoTracking().SingleAsync(row => row.Id == user.Id)).EmailKey);
    }

    private static Task<Answer> SaveAsync(Browser browser, Answer page, string name, string email) =>
        browser.SubmitAsync(page, "/app/settings/profile", ("Form.Username", name), ("Form.Email", email));

    private static Task<Answer> ChangeAsync(Browser browser, Answer page, string current, string wanted, string again) => browser.SubmitAsync(
        page, "/app/settings/security", ("Form.Current", current), ("Form.Password", wanted), ("Form.Confirmation", again));

    private static Task<Answer> PatchAsync(ApiClient caller, string current, string wanted, string again) => caller.PatchAsync(
        "account/password",
        ApiClient.Document("users", new JsonObject { ["current_password"] = current, ["password"] = wanted, ["password_confirmation"] = again }));

    private static Answer Forge(Answer page, SessionId own, SessionId other) =>
        page with { Bytes = System.Text.Encoding.UTF8.GetBytes(page.Text.Replace(own.Value, other.Value, StringComparison.Ordinal)) };
}
