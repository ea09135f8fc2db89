using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

public sealed partial class SecondFactorTests
{
    private const string Security = "/app/settings/security";

    [Fact]
    public async Task Whoever_has_set_up_an_authenticator_is_asked_for_its_code_once_each()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.WithPasswordAsync();
        using var here = new Browser(platform);
        using var before = new Browser(platform);
        await here.EnterAsync(user.Username);
        await before.EnterAsync(user.Username);
        await here.SubmitAsync((await here.GetAsync(Security)).Expect(200), $"{Security}/authenticator/start");
        var page = (await here.GetAsync(Security)).Expect(200);
        var key = Key().Match(page.Text).Groups["key"].Value;
        Assert.Contains("class=\"qr-code\"", page.Text, StringComparison.Ordinal);

        var codes = (await here.SubmitAsync(page, $"{Security}/authenticator/confirm", ("code", TestSignIns.CodeOf(key)))).Expect(200);

        Assert.Equal(Authenticators.RecoveryCodeCount, RecoveryCode().Count(codes.Text));
        Assert.Contains("10 recovery codes are left", (await here.GetAsync(Security)).Expect(200).Text, StringComparison.Ordinal);
        (await before.GetAsync(Security)).Expect(302);
        using var next = new Browser(platform);
        Assert.Equal("/sign-in/second", (await next.EnterAsync(user.Username, page: $"/sign-in?return={Security}")).Target());
        (await next.GetAsync(Security)).Expect(302);
        var code = TestSignIns.CodeOf(key, later: 1);
        Assert.Equal(Security, (await next.EnterCodeAsync(code)).Target());
        (await next.GetAsync(Security)).Expect(200);
        using var replay = new Browser(platform);
        await replay.EnterAsync(user.Username);
        Assert.Equal("/sign-in/second?problem=code", (await replay.EnterCodeAsync(code)).Target());
        (await replay.GetAsync(Security)).Expect(302);
        await using var db = platform.Open();
        Assert.Equal([SignInMethod.Password, SignInMethod.PasswordAndCode],
            await db.Sessions.Where(row => row.UserId == user.Id).OrderBy(row => row.CreatedAt).Select(row => row.Method).ToListAsync());
    }

    [Fact]
    public async Task A_recovery_code_stands_in_for_the_authenticator_once()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.WithPasswordAsync();
        var (_, codes) = await platform.AddAuthenticatorAsync(user);
        using var first = new Browser(platform);
        using var second = new Browser(platform);
        await first.EnterAsync(user.Username);
        await second.EnterAsync(user.Username);

        Assert.Equal("/app/settings/tokens", (await first.EnterCodeAsync(codes[3])).Target());
        Assert.Equal("/sign-in/second?problem=code", (await second.EnterCodeAsync(codes[3])).Target());
        Assert.Equal("/app/settings/tokens", (await second.EnterCodeAsync(codes[4])).Target());
    }

    [Fact]
    public async Task The_second_step_opens_nothing_without_the_first()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (user, other) = (await platform.WithPasswordAsync(), await platform.WithPasswordAsync());
        var (_, codes) = await platform.AddAuthenticatorAsync(user);
        await platform.AddAuthenticatorAsync(other);
        using var stranger = new Browser(platform);
        Assert.EndsWith("/sign-in?problem=second", (await stranger.GetAsync("/sign-in/second")).Target(), StringComparison.Ordinal);
        using var browser = new Browser(platform);
        await browser.EnterAsync(other.Username);
        var page = (await browser.GetAsync("/sign-in/second")).Expect(200);

        Assert.Equal("/sign-in/second?problem=code", (await browser.SubmitAsync(page, "/sign-in/second", ("code", codes[0]))).Target());
        browser.SetCookie(SecondStep.Cookie, "forged");
        Assert.Equal("/sign-in?problem=second", (await browser.SubmitAsync(page, "/sign-in/second", ("code", codes[0]))).Target());
        (await browser.PostAsync("/sign-in/second", [("code", codes[0])])).Expect(400);

        (await browser.GetAsync(Security)).Expect(302);
    }

    [Fact]
    public async Task A_right_password_gives_no_new_tries_at_the_code()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.WithPasswordAsync();
        var (key, _) = await platform.AddAuthenticatorAsync(user);
        using var browser = new Browser(platform);
        for (var attempt = 1; attempt < SignInAttempts.Max; attempt++)
        {
            await platform.Get<SignInAttempts>().CountAsync(user.Id, CancellationToken.None);
        }
        await browser.EnterAsync(user.Username);
        await browser.EnterCodeAsync("000000");

        Assert.Equal("/sign-in/second?problem=code", (await browser.EnterCodeAsync(TestSignIns.CodeOf(key, later: 1))).Target());
        Assert.StartsWith("/sign-in?problem=password", (await browser.EnterAsync(user.Username)).Target(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_members_link_asks_for_the_code_too()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        var (key, _) = await platform.AddAuthenticatorAsync(user);
        var link = "/sign-in/as/" + await platform.Get<MemberLinks>().MakeAsync(user.Id, CancellationToken.None);
        using var browser = new Browser(platform);

        Assert.Equal("/sign-in/second", (await browser.SubmitAsync((await browser.GetAsync(link)).Expect(200), link)).Target());

        Assert.Equal("/app/settings/tokens", (await browser.EnterCodeAsync(TestSignIns.CodeOf(key, later: 1))).Target());
    }

    [Fact]
    public async Task Nobody_turns_it_off_or_renews_the_codes_without_one()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        var (key, codes) = await platform.AddAuthenticatorAsync(user);
        using var browser = await Browser.SignedInAsync(platform, user.Id);
        var page = (await browser.GetAsync(Security)).Expect(200);

        await browser.SubmitOwnAsync(page, $"{Security}/authenticator/remove", ("code", "000000"));
        (await browser.SubmitOwnAsync(page, $"{Security}/authenticator/recovery-codes", ("code", "000000"))).Expect(302);
        Assert.Equal(AuthenticatorState.Active, await platform.Get<Authenticators>().StateOfAsync(user.Id, CancellationToken.None));
        var renewed = (await browser.SubmitOwnAsync(page, $"{Security}/authenticator/recovery-codes", ("code", TestSignIns.CodeOf(key, later: 1)))).Expect(200);
        await browser.SubmitOwnAsync(page, $"{Security}/authenticator/remove", ("code", codes[0]));
        Assert.Equal(AuthenticatorState.Active, await platform.Get<Authenticators>().StateOfAsync(user.Id, CancellationToken.None));

        await browser.SubmitOwnAsync(page, $"{Security}/authenticator/remove", ("code", RecoveryCode().Match(renewed.Text).Value));

        Assert.Equal(AuthenticatorState.None, await platform.Get<Authenticators>().StateOfAsync(user.Id, CancellationToken.None));
    }

    [Fact]
    public async Task An_organisation_asks_its_members_for_a_second_factor()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var (owner, member) = (await platform.WithPasswordAsync(), await platform.WithPasswordAsync());
        await platform.JoinAsync(owner, await platform.OwnersAsync(workspace.Organization));
        await platform.JoinAsync(member, await platform.TeamAsync(workspace.Organization));
        using var owners = await platform.CallerAsync(owner);
        using var members = await platform.CallerAsync(member);
        var path = $"organizations/{workspace.Organization}";
        var demand = ApiClient.Document("organizations", new JsonObject { ["collaborator-auth-policy"] = "two_factor_mandatory" });

        Assert.Equal("/data/attributes/collaborator-auth-policy", (await owners.PatchAsync(path, demand)).ExpectError(422).Pointer);
        await platform.AddAuthenticatorAsync(owner);
        var demanded = (await owners.PatchAsync(path, demand)).Expect(200);

        Assert.Equal("two_factor_mandatory", demanded.Attributes["collaborator-auth-policy"]!.GetValue<string>());
        Assert.True((await owners.GetAsync("account/details")).Expect(200).Attributes["two-factor"]!["enabled"]!.GetValue<bool>());
        (await members.GetAsync(path)).ExpectError(404);
        using var browser = await Browser.SignedInAsync(platform, member.Id);
        Assert.Contains("asks its members for a second factor", (await browser.GetAsync(Security)).Expect(200).Text, StringComparison.Ordinal);
        await platform.AddAuthenticatorAsync(member);
        (await members.GetAsync(path)).Expect(200);
        Assert.Equal("/data/attributes/collaborator-auth-policy", (await owners.PatchAsync(
            path, ApiClient.Document("organizations", new JsonObject { ["collaborator-auth-policy"] = "fingerprints" }))).ExpectError(422).Pointer);
        await LeaveOpenAsync(platform, workspace);
    }

    [Fact]
    public async Task Site_admins_are_asked_for_a_second_factor_too_and_the_installations_own_token_still_opens_everything()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var other = await TestWorkspace.CreateAsync(platform.Api);
        var admin = await platform.WithPasswordAsync(user => user.IsSiteAdmin = true);
        using var admins = await platform.CallerAsync(admin);
        using var browser = await Browser.SignedInAsync(platform, admin.Id);
        var demand = ApiClient.Document("organizations", new JsonObject { ["collaborator-auth-policy"] = "two_factor_mandatory" });
        (await admins.PatchAsync($"organizations/{workspace.Organization}", demand)).ExpectError(422);

        (await platform.Api.PatchAsync($"organizations/{workspace.Organization}", demand)).Expect(200);

        foreach (var closed in new[] { $"organizations/{workspace.Organization}", $"workspaces/{workspace.Id}", $"workspaces/{workspace.Id}/vars" })
        {
            (await admins.GetAsync(closed)).ExpectError(404);
        }
        Assert.DoesNotContain(workspace.Organization, (await browser.GetAsync("/")).Expect(200).Text, StringComparison.Ordinal);
        (await browser.GetAsync($"/app/{workspace.Organization}/{workspace.Name}")).Expect(404);
        // And it says why, where it is to be mended.
        Assert.Contains(workspace.Organization, (await browser.GetAsync(Security)).Expect(200).Text, StringComparison.Ordinal);
        (await admins.GetAsync($"workspaces/{other.Id}")).Expect(200);
        (await admins.GetAsync("admin/audit-trail")).Expect(200);
        // With it a run can still be begun: its links open what the token opens.
        await workspace.UploadAsync("resource \"terraform_data\" \"one\" {}");
        await (await workspace.StartAsync()).ReachAsync("planned");
        await platform.AddAuthenticatorAsync(admin);
        (await admins.GetAsync($"workspaces/{workspace.Id}")).Expect(200);
        (await browser.GetAsync($"/app/{workspace.Organization}/{workspace.Name}")).Expect(200);
        await LeaveOpenAsync(platform, workspace);
    }

    /// <summary>The other tests' site admins have no second factor.</summary>
    private static async Task LeaveOpenAsync(Platform platform, TestWorkspace workspace) => (await platform.Api.PatchAsync(
        $"organizations/{workspace.Organization}",
        ApiClient.Document("organizations", new JsonObject { ["collaborator-auth-policy"] = "password" }))).Expect(200);

    [Theory]
    [InlineData("")]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("{\"id\":\"AAAA\",\"rawId\":\"AAAA\",\"type\":\"public-key\",\"response\":{\"clientDataJSON\":\"AAAA\",\"authenticatorData\":\"AAAA\",\"signature\":\"AAAA\"},\"clientExtensionResults\":{}}")]
    public async Task What_is_no_passkeys_answer_signs_nobody_in(string credential)
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = new Browser(platform);
        var page = (await browser.GetAsync("/sign-in")).Expect(200);
        var options = (await browser.SubmitToAsync(page, "/sign-in/passkey", "/sign-in/passkey/options")).Expect(200);
        Assert.Equal("required", options.Json["userVerification"]!.GetValue<string>());

        Assert.StartsWith("/sign-in?problem=passkey", (await browser.SubmitAsync(page, "/sign-in/passkey", ("credential", credential))).Target(), StringComparison.Ordinal);
        Assert.StartsWith("/sign-in?problem=passkey", (await browser.SubmitAsync(page, "/sign-in/passkey", ("credential", credential))).Target(), StringComparison.Ordinal);
        (await browser.PostAsync("/sign-in/passkey/options", [])).Expect(400);
    }

    [Fact]
    public async Task A_passkeys_challenge_is_answered_once_whatever_the_answer()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        using var passkey = await SoftPasskey.OfAsync(platform, user);
        using var own = new Browser(platform);
        var (page, challenge, cookie) = await AskAsync(own);
        var right = passkey.Answer(challenge);
        Assert.DoesNotContain("problem", (await AnswerAsync(own, right)).Target(), StringComparison.Ordinal);

        // Its counter stays at nought, as those of many devices do, so nothing but the challenge tells a second time from the first.
        using var other = new Browser(platform);
        page = (await other.GetAsync("/sign-in")).Expect(200);
        other.SetCookie("orchestrator-passkey", cookie);
        Assert.Contains("problem=passkey", (await AnswerAsync(other, right)).Target(), StringComparison.Ordinal);
        (page, challenge, cookie) = await AskAsync(other);
        Assert.Contains("problem=passkey", (await AnswerAsync(other, passkey.Answer("another challenge"))).Target(), StringComparison.Ordinal);
        other.SetCookie("orchestrator-passkey", cookie);
        Assert.Contains("problem=passkey", (await AnswerAsync(other, passkey.Answer(challenge))).Target(), StringComparison.Ordinal);
        (page, challenge, _) = await AskAsync(other);
        Assert.DoesNotContain("problem", (await AnswerAsync(other, passkey.Answer(challenge))).Target(), StringComparison.Ordinal);

        Task<Answer> AnswerAsync(Browser browser, string credential) => browser.SubmitAsync(page, "/sign-in/passkey", ("credential", credential));
    }

    private static async Task<(Answer Page, string Challenge, string Cookie)> AskAsync(Browser browser)
    {
        var page = (await browser.GetAsync("/sign-in")).Expect(200);
        var options = (await browser.SubmitToAsync(page, "/sign-in/passkey", "/sign-in/passkey/options")).Expect(200);
        return (page, options.Json["challenge"]!.GetValue<string>(), browser.Cookie("orchestrator-passkey"));
    }

    [GeneratedRegex("""data-copy="(?<key>[A-Z2-7]{32})["]""")]
    private static partial Regex Key();

    [GeneratedRegex(@"\b[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}-[a-z2-9]{5}\b(?=[^""]*</pre>)")]
    private static partial Regex RecoveryCode();
}
