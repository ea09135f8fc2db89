using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

public sealed class CompanySignInTests : IAsyncLifetime
{
    private CompanyProvider _provider = null!;

    public async ValueTask InitializeAsync() => _provider = await CompanyProvider.StartAsync();

    public ValueTask DisposeAsync() => _provider.DisposeAsync();

    [Theory, EachDatabase]
    public async Task Whoever_the_company_knows_has_an_account_and_the_teams_of_their_groups(DatabaseProvider database)
    {
        await using var platform = await StartAsync(database);
        var (organization, network, finance) = await FoundAsync(platform);
        _provider.Person = Person("subject-1", "alice.liddell@example.com", "net-admins", "everybody");
        using var browser = new Browser(platform);

        Assert.Equal("/app/settings/profile", (await SignInAsync(platform, browser, "/app/settings/profile")).Target());

        Assert.Contains(organization, (await browser.GetAsync("/app/settings/profile")).Expect(200).Text, StringComparison.Ordinal);
        await using var db = platform.Open();
        var user = await db.Users.AsNoTracking().SingleAsync(row => row.Username == "alice-liddell");
        Assert.Equal(("alice.liddell@example.com", "ALICE.LIDDELL@EXAMPLE.COM"), (user.Email, user.EmailKey));
        Assert.Equal([network.Id], await TeamsOfAsync(platform, user));
        Assert.Equal(SignInMethod.Company, (await db.Sessions.AsNoTracking().SingleAsync(row => row.UserId == user.Id)).Method);

        // Another group, and with the old one goes its team.
        _provider.Person = Person("subject-1", "renamed@example.com", "finance");
        await SignInAsync(platform, browser, "/app/settings/profile");
        Assert.Equal([finance.Id], await TeamsOfAsync(platform, user));
        Assert.Equal(2, await db.Users.CountAsync());
        // No group, and with the last team goes what the company gave.
        _provider.Person = Person("subject-1", "renamed@example.com");
        await SignInAsync(platform, browser, "/app/settings/profile");
        Assert.Empty(await TeamsOfAsync(platform, user));
        Assert.False(await db.OrganizationMemberships.AnyAsync(row => row.UserId == user.Id));
    }

    [Fact]
    public async Task An_address_or_a_name_makes_nobody_somebody_who_is_here_already()
    {
        await using var platform = await StartAsync();
        var admin = await platform.ReachableAsync("boss@example.com");
        _provider.Person = Person("subject-2", "admin", "everybody");
        _provider.Person["email"] = "boss@example.com";
        _provider.Person["email_verified"] = true;
        using var browser = new Browser(platform);

        await SignInAsync(platform, browser, "/");

        await using var db = platform.Open();
        var made = await db.Users.AsNoTracking().SingleAsync(row => db.CompanyIdentities.Any(identity => identity.UserId == row.Id));
        Assert.Equal(("admin-2", null, false), (made.Username, made.EmailKey, made.IsSiteAdmin));
        Assert.Equal("BOSS@EXAMPLE.COM", (await db.Users.AsNoTracking().SingleAsync(row => row.Id == admin.Id)).EmailKey);
    }

    [Fact]
    public async Task Where_accounts_are_not_made_a_stranger_stays_outside()
    {
        await using var platform = await StartAsync(DatabaseProvider.Sqlite, ("Orchestrator:OpenIdConnect:CreateUsers", "false"));
        var known = await platform.AccountAsync();
        await using (var db = platform.Open())
        {
            db.CompanyIdentities.Add(new CompanyIdentity { Issuer = _provider.Address, Subject = "subject-known", UserId = known.Id });
            await db.SaveChangesAsync();
        }
        using var browser = new Browser(platform);
        _provider.Person = Person("subject-3", "eve@example.com");
        Assert.Equal("/sign-in?problem=stranger", (await SignInAsync(platform, browser, "/")).Target());
        (await browser.GetAsync("/app/settings/profile")).Expect(302);

        _provider.Person = Person("subject-known", "whatever");
        Assert.Equal("/app/settings/tokens", (await SignInAsync(platform, browser, "/")).Target());
    }

    [Theory]
    [InlineData("signature")]
    [InlineData("unsigned")]
    [InlineData("nonce")]
    [InlineData("audience")]
    [InlineData("issuer")]
    [InlineData("expiry")]
    public async Task An_answer_that_is_wrong_in_one_thing_signs_nobody_in(string mistake)
    {
        await using var platform = await StartAsync();
        (_provider.Person, _provider.Mistake) = (Person("subject-4", "mallory"), mistake);
        using var browser = new Browser(platform);

        Assert.Equal("/sign-in?problem=company", (await SignInAsync(platform, browser, "/")).Target());

        await using var db = platform.Open();
        Assert.False(await db.CompanyIdentities.AnyAsync());
        Assert.False(await db.Sessions.AnyAsync());
    }

    [Fact]
    public async Task An_answer_is_good_in_the_browser_that_asked_and_once_and_leads_nowhere_else()
    {
        await using var platform = await StartAsync();
        _provider.Person = Person("subject-5", "alice");
        using var browser = new Browser(platform);
        using var victim = new Browser(platform);

        var callback = await AskAsync(browser, "https://elsewhere.example/");

        Assert.Equal("/sign-in?problem=company", (await victim.GetAsync(callback)).Target());
        Assert.Equal("/app/settings/tokens", (await browser.GetAsync(await AskAsync(browser, "//elsewhere.example/"))).Target());
        Assert.Equal("/sign-in?problem=company", (await browser.GetAsync(callback.Replace("code=", "code=x", StringComparison.Ordinal))).Target());
    }

    [Theory, EachDatabase]
    public async Task Whoever_is_signed_in_connects_their_account_by_saying_so_and_only_there(DatabaseProvider database)
    {
        await using var platform = await StartAsync(database);
        var (user, other) = (await platform.AccountAsync(), await platform.AccountAsync());
        using var browser = await Browser.SignedInAsync(platform, user.Id);
        using var others = await Browser.SignedInAsync(platform, other.Id);
        _provider.Person = Person("subject-6", "alice@example.com");
        Assert.Contains("Connect through your company", (await browser.GetAsync(Security)).Expect(200).Text, StringComparison.Ordinal);

        Assert.Equal(Security, (await browser.GetAsync(await AskAsync(browser, "", Connect))).Target());

        // Coming back connects nothing yet, and what waits in one browser is nothing in another.
        await using var db = platform.Open();
        Assert.False(await db.CompanyIdentities.AnyAsync());
        others.SetCookie("orchestrator-company", browser.Cookie("orchestrator-company"));
        var elsewhere = (await others.GetAsync(Security)).Expect(200);
        Assert.DoesNotContain("You have come back as", elsewhere.Text, StringComparison.Ordinal);
        await others.ForgeAsync(Connect);
        Assert.False(await db.CompanyIdentities.AnyAsync());
        var page = (await browser.GetAsync(Security)).Expect(200);
        Assert.Contains("You have come back as <strong>alice@example.com</strong>", page.Text, StringComparison.Ordinal);
        await browser.SubmitAsync(page, Connect);
        Assert.Equal(user.Id, (await db.CompanyIdentities.AsNoTracking().SingleAsync()).UserId);
        using var again = new Browser(platform);
        await SignInAsync(platform, again, "/");
        Assert.Equal(SignInMethod.Company, (await db.Sessions.AsNoTracking().Where(row => row.UserId == user.Id).OrderByDescending(row => row.CreatedAt).FirstAsync()).Method);

        // It leads to one account; and when that lets it go, to none.
        await others.GetAsync(await AskAsync(others, "", Connect));
        await others.SubmitAsync((await others.GetAsync(Security)).Expect(200), Connect);
        Assert.Contains("leads to another account", (await others.GetAsync(Security)).Expect(200).Text, StringComparison.Ordinal);
        await browser.SubmitAsync((await browser.GetAsync(Security)).Expect(200), $"{Connect}/remove");
        Assert.False(await db.CompanyIdentities.AnyAsync());
        Assert.Equal(3, await db.Users.CountAsync());
    }

    [Fact]
    public async Task An_address_that_both_sides_have_proved_connects_where_an_admin_lets_it_and_never_with_a_site_admin()
    {
        await using var platform = await StartAsync(DatabaseProvider.Sqlite, ("Orchestrator:OpenIdConnect:LinkByVerifiedEmail", "true"));
        var alice = await platform.ReachableAsync("alice@example.com");
        var claimed = await platform.AccountAsync(user => user.Email = "bob@example.com");
        await platform.AccountAsync(user => (user.Email, user.EmailKey, user.IsSiteAdmin) = ("boss@example.com", User.KeyOf("boss@example.com"), true));
        using var browser = new Browser(platform);

        _provider.Person = Person("subject-7", "alice@example.com");
        await SignInAsync(platform, browser, "/");
        _provider.Person = Person("subject-8", "bob@example.com");
        await SignInAsync(platform, browser, "/");
        _provider.Person = Person("subject-9", "boss@example.com");
        await SignInAsync(platform, browser, "/");
        _provider.Person = Person("subject-10", "alice@example.com");
        _provider.Person["email_verified"] = false;
        await SignInAsync(platform, browser, "/");

        await using var db = platform.Open();
        Assert.Equal(alice.Id, (await db.CompanyIdentities.AsNoTracking().SingleAsync(row => row.UserId == alice.Id)).UserId);
        var made = await db.Users.AsNoTracking().Where(row => row.Id != alice.Id && db.CompanyIdentities.Any(identity => identity.UserId == row.Id)).ToListAsync();
        Assert.Equal(3, made.Count);
        Assert.DoesNotContain(made, user => user.IsSiteAdmin || user.Id == claimed.Id);
    }

    private Task<Platform> StartAsync(DatabaseProvider database = DatabaseProvider.Sqlite, params (string Name, string Value)[] more) => Platform.StartAsync(
        database,
        [
            ("Orchestrator:OpenIdConnect:Authority", _provider.Address), ("Orchestrator:OpenIdConnect:ClientId", CompanyProvider.ClientId),
            ("Orchestrator:OpenIdConnect:ClientSecret", CompanyProvider.ClientSecret), .. more,
        ]);

    private static Dictionary<string, object> Person(string subject, string name, params string[] groups) => new()
    {
        ["sub"] = subject,
        ["preferred_username"] = name,
        ["email"] = name.Contains('@', StringComparison.Ordinal) ? name : "nobody@example.com",
        ["email_verified"] = name.Contains('@', StringComparison.Ordinal),
        ["groups"] = groups,
    };

    private const string Security = "/app/settings/security";
    private const string Connect = Security + "/company";

    private static async Task<Answer> SignInAsync(Platform platform, Browser browser, string target)
    {
        Assert.Contains("Sign in through your company", (await platform.Anonymous.GetAsync("/sign-in")).Expect(200).Text, StringComparison.Ordinal);
        return await browser.GetAsync(await AskAsync(browser, target));
    }

    /// <summary>Goes to the provider, which knows its person already.</summary>
    /// <returns>Where it sends the browser back to.</returns>
    private static async Task<string> AskAsync(Browser browser, string target, string door = "/sign-in/company")
    {
        var asked = (await browser.GetAsync($"{door}?return={Uri.EscapeDataString(target)}")).Expect(302).Headers.Location!;
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var answer = await http.GetAsync(asked, TestContext.Current.CancellationToken);
        Assert.Equal(302, (int)answer.StatusCode);
        return answer.Headers.Location!.PathAndQuery;
    }

    private static async Task<(string Organization, Team Network, Team Finance)> FoundAsync(Platform platform)
    {
        var name = TestWorkspace.NewName("org");
        (await platform.Api.PostAsync("organizations", ApiClient.Document("organizations", new() { ["name"] = name }))).Expect(201);
        return (name, await platform.TeamAsync(name, team => team.SsoTeamId = "net-admins"), await platform.TeamAsync(name, team => team.SsoTeamId = "finance"));
    }

    private static async Task<List<TeamId>> TeamsOfAsync(Platform platform, User user)
    {
        await using var db = platform.Open();
        return await (
            from member in db.TeamMembers
            join membership in db.OrganizationMemberships on member.MembershipId equals membership.Id
            where membership.UserId == user.Id
            select member.TeamId).ToListAsync();
    }
}
