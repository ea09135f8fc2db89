using System.Security.Cryptography.X509Certificates;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Tests.Access.Login;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

public sealed class PasswordSignInTests
{
    [Theory, EachDatabase]
    public async Task A_name_and_its_password_sign_in_and_lead_where_one_wanted_to_go(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var user = await platform.WithPasswordAsync();
        using var browser = new Browser(platform);
        var asked = (await browser.GetAsync("/app/settings/sessions")).Expect(302).Headers.Location!.PathAndQuery;

        var entered = await browser.EnterAsync(user.Username, page: asked);

        Assert.Equal("/app/settings/sessions", entered.Target());
        Assert.Contains("this one", (await browser.GetAsync("/app/settings/sessions")).Expect(200).Text, StringComparison.Ordinal);
        await using var db = platform.Open();
        Assert.Equal(SignInMethod.Password, (await db.Sessions.AsNoTracking().SingleAsync(session => session.UserId == user.Id)).Method);
    }

    [Theory]
    [InlineData("https://elsewhere.example/")]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    [InlineData("/\t/elsewhere.example/")]
    [InlineData("javascript:alert(1)")]
    public async Task It_leads_nowhere_but_here(string target)
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.WithPasswordAsync();
        using var browser = new Browser(platform);

        Assert.Equal("/app/settings/tokens", (await browser.EnterAsync(user.Username, page: $"/sign-in?return={Uri.EscapeDataString(target)}")).Target());
    }

    [Fact]
    public async Task A_stranger_learns_nothing_about_who_has_an_account()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (one, without) = (await platform.WithPasswordAsync(), await platform.AccountAsync());
        using var browser = new Browser(platform);

        var answers = new List<string>();
        foreach (var (name, password) in new[] { (one.Username, "wrong horse battery"), (without.Username, TestSignIns.Password), ("nobody-at-all", TestSignIns.Password), ("", "") })
        {
            var answer = await browser.EnterAsync(name, password);
            answers.Add($"{answer.Target()} {string.Join(' ', answer.Headers.Where(header => header.Key != "Date").Select(header => header.Key))}");
        }

        Assert.StartsWith("/sign-in?problem=password&return=%2F ", Assert.Single(answers.Distinct()), StringComparison.Ordinal);
        Assert.DoesNotContain(one.Username, (await browser.GetAsync("/sign-in?problem=password")).Expect(200).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_locked_account_answers_as_a_wrong_password_does_and_a_link_still_opens_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.WithPasswordAsync();
        for (var attempt = 0; attempt < SignInAttempts.Max; attempt++)
        {
            await platform.Get<SignInAttempts>().CountAsync(user.Id, CancellationToken.None);
        }
        using var browser = new Browser(platform);

        Assert.StartsWith("/sign-in?problem=password", (await browser.EnterAsync(user.Username)).Target(), StringComparison.Ordinal);

        using var byLink = await Browser.SignedInAsync(platform, user.Id);
        (await byLink.GetAsync("/app/settings/tokens")).Expect(200);
        Assert.Equal("/app/settings/tokens", (await browser.EnterAsync(user.Username)).Target());
    }

    [Fact]
    public async Task A_form_of_another_site_signs_nobody_in()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.WithPasswordAsync();
        using var browser = new Browser(platform);

        var answer = (await browser.PostAsync("/sign-in/password", [("name", user.Username), ("password", TestSignIns.Password)])).Expect(400);

        Assert.DoesNotContain(answer.Headers, header => header.Key == "Set-Cookie");
    }

    [Fact]
    public async Task A_cookie_from_before_the_sign_in_is_worth_nothing_after_it()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (mallory, alice) = (await platform.WithPasswordAsync(), await platform.WithPasswordAsync());
        using var browser = new Browser(platform);
        await browser.EnterAsync(mallory.Username);
        var planted = browser.Cookie("orchestrator");

        await browser.EnterAsync(alice.Username);

        Assert.NotEqual(planted, browser.Cookie("orchestrator"));
        Assert.Contains(alice.Username, (await browser.GetAsync("/app/settings/security")).Expect(200).Text, StringComparison.Ordinal);
        browser.SetCookie("orchestrator", planted);
        (await browser.GetAsync("/app/settings/security")).Expect(302);
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_not_only_the_cookie()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.WithPasswordAsync();
        using var browser = new Browser(platform);
        await browser.EnterAsync(user.Username);
        var stolen = browser.Cookie("orchestrator");

        await browser.SubmitAsync((await browser.GetAsync("/app/settings/tokens")).Expect(200), "/sign-out");

        browser.SetCookie("orchestrator", stolen);
        (await browser.GetAsync("/app/settings/tokens")).Expect(302);
    }

    [Fact]
    public async Task The_terminals_link_leads_back_to_the_terraform_that_asked()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = new Browser(platform);
        var login = new LoginRequest();
        var signIn = (await browser.GetAsync(login.Address)).Expect(302).Headers.Location!;
        (await browser.GetAsync(signIn.PathAndQuery)).Expect(200);

        var back = (await browser.GetAsync(await platform.Get<SignInLinks>().MakeAsync(User.AdminId, CancellationToken.None))).Target();

        var asked = (await browser.GetAsync(back)).Expect(200);
        Assert.NotEmpty(Callback.Of(await browser.SubmitAsync(asked, LoginRequest.Path, ("decision", "approve"))).Code);
        // Only this once.
        Assert.DoesNotContain("/oauth/", (await browser.GetAsync(await platform.Get<SignInLinks>().MakeAsync(User.AdminId, CancellationToken.None))).Target(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forged_memory_of_where_one_wanted_to_go_leads_home()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.WithPasswordAsync();
        using var browser = new Browser(platform);
        browser.SetCookie(ReturnPath.Cookie, Uri.EscapeDataString("//elsewhere.example/"));

        Assert.Equal("/app/settings/tokens", (await browser.EnterAsync(user.Username)).Target());
    }

    [Fact]
    public async Task Over_https_no_cookie_travels_in_the_clear()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            SslOptions =
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(platform.AuthorityFile) },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        });
        var link = await platform.Get<SignInLinks>().MakeAsync((await platform.AccountAsync()).Id, CancellationToken.None);

        using var page = await http.GetAsync(new Uri(platform.SecureAddress, "/sign-in?return=/app/settings/tokens"), TestContext.Current.CancellationToken);
        using var entered = await http.GetAsync(new Uri(platform.SecureAddress, link), TestContext.Current.CancellationToken);

        string[] cookies = [.. page.Headers.GetValues("Set-Cookie"), .. entered.Headers.GetValues("Set-Cookie")];
        Assert.Contains(cookies, cookie => cookie.StartsWith("orchestrator=", StringComparison.Ordinal));
        Assert.Contains(cookies, cookie => cookie.StartsWith($"{ReturnPath.Cookie}=", StringComparison.Ordinal));
        Assert.All(cookies, cookie =>
        {
            Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        });
    }
}
