using System.Text.RegularExpressions;
using Orchestrator.Access;
using Orchestrator.Web.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

public sealed partial class SignInTests
{
    [Fact]
    public async Task A_one_time_link_signs_in_once()
    {
        var platform = await SharedPlatforms.OfAsync();
        var link = await MakeLinkAsync(platform);

        var first = (await platform.Anonymous.GetAsync(link)).Expect(302);
        var second = (await platform.Anonymous.GetAsync(link)).Expect(302);

        Assert.StartsWith("/", first.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(SessionOf(first));
        Assert.Equal("/sign-in?problem=link", second.Headers.Location!.ToString());
        Assert.Empty(SessionOf(second));
        (await GetAsync(platform, "/", SessionOf(first))).Expect(200);
    }

    [Fact]
    public async Task A_newer_link_voids_the_older_one()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (older, newer) = (await MakeLinkAsync(platform), await MakeLinkAsync(platform));

        Assert.Empty(SessionOf((await platform.Anonymous.GetAsync(older)).Expect(302)));
        Assert.NotEmpty(SessionOf((await platform.Anonymous.GetAsync(newer)).Expect(302)));
    }

    [Fact]
    public async Task The_session_cookie_is_kept_from_scripts_and_other_sites()
    {
        var platform = await SharedPlatforms.OfAsync();

        var answer = await platform.Anonymous.GetAsync(await MakeLinkAsync(platform));

        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"), cookie => cookie.StartsWith("orchestrator=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_wrong_token_does_not_sign_in()
    {
        var platform = await SharedPlatforms.OfAsync();

        var answer = (await PostAsync(platform, token: "not-the-admin-token-at-all", target: "/")).Expect(302);

        Assert.StartsWith("/sign-in?problem=token", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Empty(SessionOf(answer));
    }

    [Theory]
    [InlineData("/app", "/app")]
    [InlineData("https://elsewhere.example/", "/")]
    [InlineData("//elsewhere.example/", "/")]
    [InlineData("/\\elsewhere.example/", "/")]
    [InlineData("/\t/elsewhere.example/", "/")]
    [InlineData("\\\\elsewhere.example", "/")]
    [InlineData("javascript:alert(1)", "/")]
    [InlineData("", "/")]
    public async Task The_admins_token_signs_in_and_leads_nowhere_but_here(string target, string expected)
    {
        var platform = await SharedPlatforms.OfAsync();

        var answer = (await PostAsync(platform, Platform.AdminToken, target)).Expect(302);

        Assert.Equal(expected, answer.Headers.Location!.OriginalString);
        Assert.NotEmpty(SessionOf(answer));
    }

    [Fact]
    public async Task A_sign_in_without_the_forms_own_proof_is_refused()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("token", Platform.AdminToken)]);

        var answer = await platform.Anonymous.SendAsync(HttpMethod.Post, "/sign-in", form);

        Assert.Empty(SessionOf(answer));
        Assert.InRange(answer.Status, 300, 499);
    }

    [Fact]
    public async Task A_page_asks_strangers_to_sign_in()
    {
        var platform = await SharedPlatforms.OfAsync();

        var answer = (await platform.Anonymous.GetAsync("/")).Expect(302);

        Assert.Contains("/sign-in?return=", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forged_cookie_is_no_session()
    {
        var platform = await SharedPlatforms.OfAsync();

        (await GetAsync(platform, "/", "orchestrator=CfDJ8forged")).Expect(302);
    }

    [Fact]
    public async Task A_session_opens_no_api()
    {
        var platform = await SharedPlatforms.OfAsync();
        var session = SessionOf(await platform.Anonymous.GetAsync(await MakeLinkAsync(platform)));

        // A browser would send it along with another site's request.
        (await GetAsync(platform, "/api/v2/organizations", session)).ExpectError(401);
    }

    private static Task<string> MakeLinkAsync(Platform platform) =>
        platform.Get<SignInLinks>().MakeAsync(User.AdminId, CancellationToken.None);

    private static string SessionOf(Answer answer) => answer.Headers.TryGetValues("Set-Cookie", out var cookies)
        ? cookies.FirstOrDefault(cookie => cookie.StartsWith("orchestrator=", StringComparison.Ordinal))?.Split(';')[0] ?? ""
        : "";

    private static Task<Answer> GetAsync(Platform platform, string path, string cookie) => platform.Anonymous.SendAsync(
        HttpMethod.Get, path, headers: headers => headers.TryAddWithoutValidation("Cookie", cookie));

    /// <summary>Fills in the page's form, as a browser does.</summary>
    private static async Task<Answer> PostAsync(Platform platform, string token, string target)
    {
        var page = (await platform.Anonymous.GetAsync("/sign-in")).Expect(200);
        var proof = FormProof().Match(page.Text);
        Assert.True(proof.Success, "The sign-in page has no form with a proof of its own.");
        var cookies = page.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]);
        using var form = new FormUrlEncodedContent(
        [
            KeyValuePair.Create(proof.Groups["name"].Value, proof.Groups["value"].Value),
            KeyValuePair.Create("token", token),
            KeyValuePair.Create("return", target),
        ]);
        return await platform.Anonymous.SendAsync(
            HttpMethod.Post, "/sign-in", form, headers => headers.TryAddWithoutValidation("Cookie", string.Join("; ", cookies)));
    }

    [GeneratedRegex("""<input type="hidden" name="(?<name>__[A-Za-z]+)" value="(?<value>[^"]+)""")]
    private static partial Regex FormProof();
}
