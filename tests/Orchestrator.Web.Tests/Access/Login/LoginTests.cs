using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access.Login;

public sealed class LoginTests
{
    [Fact]
    public async Task An_approval_gives_the_cli_a_token_that_acts_as_whoever_approved()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync(account => account.IsSiteAdmin = true);
        using var browser = await Browser.SignedInAsync(platform, user.Id);
        var login = new LoginRequest();

        var callback = await login.DecideAsync(browser);
        var answer = (await login.TradeAsync(platform, callback.Code)).Expect(200);

        Assert.Equal("http://localhost:10003/login", callback.Address.GetLeftPart(UriPartial.Path));
        Assert.Equal(login.State, callback.State);
        Assert.Equal("application/json", answer.ContentHeaders.ContentType!.MediaType);
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        Assert.Equal(["access_token", "token_type"], answer.Json.AsObject().Select(member => member.Key));
        Assert.Equal("bearer", answer.Json["token_type"]!.GetValue<string>());
        var token = answer.Json["access_token"]!.GetValue<string>();
        Assert.True(ApiTokens.LooksLikeOne(token));
        using var caller = new ApiClient(platform.Address, token);
        (await caller.GetAsync("organizations")).Expect(200);
        await using var db = platform.Open();
        var stored = await db.ApiTokens.AsNoTracking().SingleAsync(row => row.UserId == user.Id);
        Assert.Equal(TokenHash.Of(token), stored.Hash);
        Assert.Equal("terraform login from 127.0.0.1", stored.Description);
        Assert.Null(stored.ExpiredAt);
    }

    [Fact]
    public async Task The_page_says_who_asks_for_what_as_whom_and_lets_its_form_lead_to_that_cli_alone()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        using var browser = await Browser.SignedInAsync(platform, user.Id);

        var page = (await browser.GetAsync(new LoginRequest { RedirectUri = "http://127.0.0.1:10010/login" }.Address)).Expect(200);

        Assert.Contains("Terraform CLI", page.Text, StringComparison.Ordinal);
        Assert.Contains("port 10010", page.Text, StringComparison.Ordinal);
        Assert.Contains($"<strong>{user.Username}</strong>", page.Text, StringComparison.Ordinal);
        Assert.Contains("all the rights you have", page.Text, StringComparison.Ordinal);
        Assert.Contains(
            "form-action 'self' http://127.0.0.1:10010;", Assert.Single(page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_denial_tells_the_cli_so()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform);
        var login = new LoginRequest();

        var callback = await login.DecideAsync(browser, "deny");

        Assert.Equal("access_denied", callback.Error);
        Assert.Equal(login.State, callback.State);
        Assert.DoesNotContain("code=", callback.Address.Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_not_signed_in_signs_in_first_and_comes_back()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = new Browser(platform);
        var login = new LoginRequest();

        var signIn = (await browser.GetAsync(login.Address)).Expect(302).Headers.Location!;
        var page = (await browser.GetAsync(signIn.PathAndQuery)).Expect(200);
        var back = (await browser.SubmitAsync(page, "/sign-in", ("token", Platform.AdminToken))).Expect(302).Headers.Location!.OriginalString;
        var asked = (await browser.GetAsync(back)).Expect(200);

        Assert.StartsWith("/sign-in?return=", signIn.PathAndQuery, StringComparison.Ordinal);
        Assert.NotEmpty(Callback.Of(await browser.SubmitAsync(asked, LoginRequest.Path, ("decision", "approve"))).Code);
    }

    [Theory]
    [InlineData("https://elsewhere.example/login")]
    [InlineData("http://elsewhere.example:10003/login")]
    [InlineData("http://localhost.elsewhere.example:10003/login")]
    [InlineData("http://localhost:10003@elsewhere.example/login")]
    [InlineData("http://localhost:9999/login")]
    [InlineData("http://localhost:10011/login")]
    [InlineData("http://localhost:10003/other/login")]
    [InlineData("http://localhost:10003/login?next=/login")]
    [InlineData("http://localhost:10003/login#login")]
    [InlineData("https://localhost:10003/login")]
    [InlineData("http://localhost:+9999/login")]
    [InlineData("http://[::1]:10003/login")]
    [InlineData("//localhost:10003/login")]
    [InlineData("not an address")]
    [InlineData(null)]
    public async Task No_browser_is_sent_anywhere_but_to_a_cli_on_its_own_machine(string? address)
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform);

        var page = (await browser.GetAsync(new LoginRequest { RedirectUri = address }.Address)).Expect(400);

        Assert.Null(page.Headers.Location);
        Assert.Contains("This request is not valid", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("elsewhere.example", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("somebody-else")]
    [InlineData("terraform-cli ")]
    [InlineData(null)]
    public async Task No_other_client_is_known(string? client)
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform);

        var page = (await browser.GetAsync(new LoginRequest { ClientId = client }.Address)).Expect(400);

        Assert.Null(page.Headers.Location);
    }

    public static TheoryData<string> Mistakes => ["no challenge", "plain", "no method", "token", "no type", "form_post", "fragment"];

    [Theory, MemberData(nameof(Mistakes))]
    public async Task The_cli_learns_what_is_wrong_with_its_request(string mistake)
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform);
        var login = mistake switch
        {
            "no challenge" => new LoginRequest { Challenge = "" },
            "plain" => new LoginRequest { Method = "plain" },
            "no method" => new LoginRequest { Method = null },
            "token" => new LoginRequest { ResponseType = "token" },
            "no type" => new LoginRequest { ResponseType = null },
            var mode => new LoginRequest { Mode = mode },
        };

        var callback = Callback.Of(await browser.GetAsync(login.Address));

        Assert.Equal("http://localhost:10003/login", callback.Address.GetLeftPart(UriPartial.Path));
        Assert.Contains(callback.Error, new[] { "invalid_request", "unsupported_response_type" });
        Assert.Equal(login.State, callback.State);
        Assert.DoesNotContain("openiddict", callback.Address.Query, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_approval_without_the_forms_own_proof_is_none()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform);
        var fields = new LoginRequest().Address.Split('?')[1].Split('&')
            .Select(pair => (Uri.UnescapeDataString(pair.Split('=')[0]), Uri.UnescapeDataString(pair.Split('=')[1])));

        var answer = await browser.PostAsync(LoginRequest.Path, [.. fields, ("decision", "approve")]);

        answer.Expect(400);
        Assert.Null(answer.Headers.Location);
    }

    [Fact]
    public async Task A_form_that_somebody_has_changed_is_read_anew()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform);
        var page = (await browser.GetAsync(new LoginRequest().Address)).Expect(200);
        var changed = page with
        {
            Bytes = System.Text.Encoding.UTF8.GetBytes(page.Text.Replace("http://localhost:10003/login", "http://elsewhere.example/login", StringComparison.Ordinal)),
        };

        var answer = (await browser.SubmitAsync(changed, LoginRequest.Path, ("decision", "approve"))).Expect(400);

        Assert.Null(answer.Headers.Location);
    }

    [Fact]
    public async Task A_code_that_comes_again_is_refused_and_takes_its_token_back()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform);
        var login = new LoginRequest();
        var code = (await login.DecideAsync(browser)).Code;
        var token = (await login.TradeAsync(platform, code)).Expect(200).Json["access_token"]!.GetValue<string>();
        using var caller = new ApiClient(platform.Address, token);
        (await caller.GetAsync("ping")).Expect(204);

        ExpectRefusal(await login.TradeAsync(platform, code), "invalid_grant");

        (await caller.GetAsync("ping")).ExpectError(401);
    }

    [Fact]
    public async Task A_code_is_good_for_a_minute()
    {
        var platform = await SharedPlatforms.OfAsync();
        var user = await platform.AccountAsync();
        using var browser = await Browser.SignedInAsync(platform, user.Id);
        var login = new LoginRequest();
        var code = (await login.DecideAsync(browser)).Code;
        await using var db = platform.Open();
        var consents = db.OneTimeCodes.Where(row => row.UserId == user.Id && row.Purpose == OneTimePurpose.TerraformLogin);
        Assert.InRange((await consents.SingleAsync()).ExpiresAt - TimeProvider.System.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromMinutes(1));

        await consents.ExecuteUpdateAsync(set => set.SetProperty(row => row.ExpiresAt, TimeProvider.System.GetUtcNow()));

        ExpectRefusal(await login.TradeAsync(platform, code), "invalid_grant");
    }

    [Fact]
    public async Task A_code_without_its_own_verifier_address_and_client_is_refused_and_stays_good_for_its_owner()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform);
        var login = new LoginRequest();
        var code = (await login.DecideAsync(browser)).Code;

        ExpectRefusal(await login.TradeAsync(platform, code, ("code_verifier", new LoginRequest().Verifier)), "invalid_grant");
        ExpectRefusal(await login.TradeAsync(platform, code, ("code_verifier", null)), "invalid_request");
        ExpectRefusal(await login.TradeAsync(platform, code, ("redirect_uri", "http://localhost:10004/login")), "invalid_grant");
        ExpectRefusal(await login.TradeAsync(platform, code, ("redirect_uri", null)), "invalid_request");
        ExpectRefusal(await login.TradeAsync(platform, code, ("client_id", "somebody-else")), "invalid_client", "invalid_grant");
        ExpectRefusal(await login.TradeAsync(platform, code, ("client_id", null)), "invalid_request");

        (await login.TradeAsync(platform, code)).Expect(200);
    }

    [Theory]
    [InlineData("password", "unsupported_grant_type")]
    [InlineData("client_credentials", "unsupported_grant_type")]
    [InlineData("refresh_token", "unsupported_grant_type")]
    [InlineData("implicit", "unsupported_grant_type")]
    [InlineData(null, "invalid_request")]
    public async Task There_is_no_other_way_to_a_token(string? grant, string error)
    {
        var platform = await SharedPlatforms.OfAsync();

        ExpectRefusal(await new LoginRequest().TradeAsync(platform, "a-code", ("grant_type", grant)), error);
    }

    [Theory]
    [InlineData("a-code")]
    [InlineData("CfDJ8forged")]
    [InlineData("")]
    public async Task A_forged_code_is_refused(string code)
    {
        var platform = await SharedPlatforms.OfAsync();

        ExpectRefusal(await new LoginRequest().TradeAsync(platform, code), "invalid_grant", "invalid_request");
    }

    [Fact]
    public async Task What_is_no_form_is_refused_as_such()
    {
        var platform = await SharedPlatforms.OfAsync();

        ExpectRefusal(
            await platform.Anonymous.SendAsync(HttpMethod.Post, "/oauth/token", new StringContent("{}", null, "application/json")), "invalid_request");
        ExpectRefusal(await platform.Anonymous.SendAsync(HttpMethod.Post, "/oauth/token"), "invalid_request");
        var many = string.Join('&', Enumerable.Range(0, 5000).Select(number => $"a{number}=1"));
        Assert.Equal(400, (await platform.Anonymous.SendAsync(
            HttpMethod.Post, "/oauth/token", new StringContent(many, null, "application/x-www-form-urlencoded"))).Status);
    }

    [Fact]
    public async Task A_code_of_one_process_is_redeemed_at_another_once_in_all()
    {
        var connection = await SharedPlatforms.NewPostgresDatabaseAsync();
        await using var one = await Platform.StartAsync(DatabaseProvider.PostgreSql, ("Orchestrator:Database:ConnectionString", connection));
        await using var other = await Platform.StartAsync(DatabaseProvider.PostgreSql, ("Orchestrator:Database:ConnectionString", connection));
        using var browser = await Browser.SignedInAsync(one);
        var login = new LoginRequest();
        var code = (await login.DecideAsync(browser)).Code;

        var token = (await login.TradeAsync(other, code)).Expect(200).Json["access_token"]!.GetValue<string>();

        using var caller = new ApiClient(one.Address, token);
        (await caller.GetAsync("ping")).Expect(204);
        ExpectRefusal(await login.TradeAsync(one, code), "invalid_grant");
    }

    [Fact]
    public async Task Whoever_fails_too_often_has_to_wait()
    {
        await using var platform = await Platform.StartAsync();
        var login = new LoginRequest();
        var answers = new List<Answer>();
        for (var attempt = 0; attempt <= FailedAttemptsTests.Most; attempt++)
        {
            answers.Add(await login.TradeAsync(platform, "a-code"));
        }

        Assert.All(answers[..^1], answer => answer.Expect(400));
        var refused = answers[^1].Expect(429);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        (await platform.Api.GetAsync("ping")).Expect(204);
    }

    private static void ExpectRefusal(Answer answer, params string[] errors)
    {
        Assert.InRange(answer.Status, 400, 401);
        Assert.Equal("application/json", answer.ContentHeaders.ContentType!.MediaType);
        var members = answer.Json.AsObject().Select(member => member.Key).ToArray();
        Assert.Contains(answer.Json["error"]!.GetValue<string>(), errors);
        Assert.Equal(["error", "error_description"], members);
        Assert.DoesNotContain("Exception", answer.Text, StringComparison.Ordinal);
    }
}
