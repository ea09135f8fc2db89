using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

public sealed partial class InvitationTests
{
    [Theory, EachDatabase]
    public async Task Whoever_is_invited_by_address_makes_an_account_and_is_a_member(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var (organization, team, owner) = await FoundAsync(platform);
        var (address, name) = ($"{TestWorkspace.NewName("new")}@example.com", TestWorkspace.NewName("new"));
        var invited = (await InviteByApiAsync(platform, organization, address, team)).Expect(201);
        Assert.Equal("invited", invited.Attributes["status"]!.GetValue<string>());
        using var owners = await Browser.SignedInAsync(platform, owner.Id);
        var link = await LinkAsync(owners, organization, invited.Id);
        using var browser = new Browser(platform);
        var page = (await browser.GetAsync(link)).Expect(200);
        using var late = new Browser(platform);
        var samePage = (await late.GetAsync(link)).Expect(200);

        Assert.Contains("id=\"username-error\"", (await JoinAsync(browser, page, link, "no spaces")).Expect(422).Text, StringComparison.Ordinal);
        Assert.Contains("id=\"username-error\"", (await JoinAsync(browser, page, link, owner.Username)).Expect(422).Text, StringComparison.Ordinal);
        Assert.Contains("id=\"password-error\"", (await JoinAsync(browser, page, link, name, "passwordpassword")).Expect(422).Text, StringComparison.Ordinal);
        Assert.Contains("id=\"confirmation-error\"", (await JoinAsync(browser, page, link, name, again: "else")).Expect(422).Text, StringComparison.Ordinal);
        Assert.Equal("/app/settings/tokens", (await JoinAsync(browser, page, link, name)).Target());

        Assert.Contains(organization, (await browser.GetAsync("/app/settings/profile")).Expect(200).Text, StringComparison.Ordinal);
        Assert.Equal("active", (await platform.Api.GetAsync($"organization-memberships/{invited.Id}")).Expect(200).Attributes["status"]!.GetValue<string>());
        Assert.Equal("/sign-in?problem=invitation", (await JoinAsync(late, samePage, link, TestWorkspace.NewName("thief"))).Target());
        Assert.Equal("/sign-in?problem=invitation", (await platform.Anonymous.GetAsync(link)).Target());
        using var next = new Browser(platform);
        Assert.Equal("/app/settings/tokens", (await next.EnterAsync(name)).Target());
        await using var db = platform.Open();
        var user = await db.Users.AsNoTracking().SingleAsync(row => row.Username == name);
        // The inviter saw the link, so it proves nothing about the address.
        Assert.Null(user.EmailKey);
        Assert.True(await db.TeamMembers.AnyAsync(row => row.TeamId == team.Id && row.MembershipId == new OrganizationMembershipId(invited.Id)));
    }

    [Theory, EachDatabase]
    public async Task Who_is_invited_by_name_accepts_and_nobody_else_does(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var (organization, team, owner) = await FoundAsync(platform);
        var (meant, other) = (await platform.WithPasswordAsync(), await platform.WithPasswordAsync());
        using var owners = await Browser.SignedInAsync(platform, owner.Id);
        var members = (await owners.GetAsync($"/app/{organization}/settings/members")).Expect(200);
        var shown = (await owners.SubmitAsync(
            members, $"/app/{organization}/settings/members/invite", ("who", meant.Username.ToUpperInvariant()), ("team", team.Id.Value))).Expect(200);
        var link = new Uri(Link().Match(shown.Text).Value).PathAndQuery;

        // They have agreed to nothing yet, so the owner is no master of their account.
        (await owners.SubmitAsync(Forge(members, $"/{owner.Id}/link", $"/{meant.Id}/link"), $"/app/{organization}/settings/members/{meant.Id}/link")).Expect(302);
        using var others = new Browser(platform);
        await others.EnterAsync(other.Username);
        await others.SubmitAsync((await others.GetAsync(link)).Expect(200), $"{link}/accept");
        Assert.Contains("for another account", (await others.GetAsync("/app/settings/profile")).Expect(200).Text, StringComparison.Ordinal);
        using var browser = new Browser(platform);
        var asked = (await browser.GetAsync(link)).Expect(200);
        Assert.DoesNotContain("/join", asked.Text, StringComparison.Ordinal);
        Assert.Equal(link, (await browser.EnterAsync(meant.Username, page: $"/sign-in?return={Uri.EscapeDataString(link)}")).Target());
        var page = (await browser.GetAsync(link)).Expect(200);
        await browser.SubmitAsync(page, $"{link}/accept");

        Assert.Contains("You are a member of", (await browser.GetAsync("/app/settings/profile")).Expect(200).Text, StringComparison.Ordinal);
        Assert.Equal("/sign-in?problem=invitation", (await browser.SubmitAsync(page, $"{link}/accept")).Target());
        await using var db = platform.Open();
        Assert.Equal(MembershipStatus.Active, (await db.OrganizationMemberships.AsNoTracking().SingleAsync(row => row.UserId == meant.Id)).Status);
        Assert.False(await db.OneTimeCodes.AnyAsync(code => code.UserId == meant.Id));
    }

    [Fact]
    public async Task Only_owners_invite_in_the_page_and_only_into_their_own_teams()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (organization, team, owner) = await FoundAsync(platform);
        var (elsewhere, foreign, _) = await FoundAsync(platform);
        var member = await platform.AccountAsync();
        await platform.JoinAsync(member, team);
        using var owners = await Browser.SignedInAsync(platform, owner.Id);
        using var members = await Browser.SignedInAsync(platform, member.Id);
        var page = (await owners.GetAsync($"/app/{organization}/settings/members")).Expect(200);
        var address = $"{TestWorkspace.NewName("new")}@example.com";

        (await owners.SubmitAsync(page, $"/app/{organization}/settings/members/invite", ("who", address), ("team", foreign.Id.Value))).Expect(302);
        var own = (await members.GetAsync("/app/settings/tokens")).Expect(200);
        var forged = Forge(own, "\"/sign-out\"", $"\"/app/{organization}/settings/members/invite\"");
        (await members.SubmitAsync(forged, $"/app/{organization}/settings/members/invite", ("who", address), ("team", team.Id.Value))).Expect(404);

        await using var db = platform.Open();
        Assert.False(await db.OrganizationMemberships.AnyAsync(row => row.Email == address));
        Assert.NotEqual(elsewhere, organization);
    }

    [Fact]
    public async Task A_mailed_invitation_reaches_the_address_and_proves_it()
    {
        await using var post = MailServer.Start();
        await using var platform = await Platform.StartAsync(
            DatabaseProvider.Sqlite, ("Orchestrator:Smtp:Host", "127.0.0.1"), ("Orchestrator:Smtp:Port", post.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("Orchestrator:Smtp:Security", "None"), ("Orchestrator:Notifications:PublicAddress", "https://orchestrator.example/"));
        var (organization, team, _) = await FoundAsync(platform);

        (await InviteByApiAsync(platform, organization, "alice@example.com", team)).Expect(201);

        var mail = Assert.Single(post.Mails);
        Assert.Contains("RCPT TO:<alice@example.com>", mail, StringComparison.Ordinal);
        var link = MailedLink().Match(mail.Replace("=\r\n", "", StringComparison.Ordinal).Replace("=\n", "", StringComparison.Ordinal));
        Assert.True(link.Success, mail);
        using var browser = new Browser(platform);
        var path = link.Groups["path"].Value;
        Assert.Equal("/app/settings/tokens", (await JoinAsync(browser, (await browser.GetAsync(path)).Expect(200), path, "alice")).Target());
        await using var db = platform.Open();
        Assert.Equal("ALICE@EXAMPLE.COM", (await db.Users.AsNoTracking().SingleAsync(row => row.Username == "alice")).EmailKey);
        platform.ExpectNoLoggedErrors();
    }

    private static async Task<(string Organization, Team Team, User Owner)> FoundAsync(Platform platform)
    {
        var name = TestWorkspace.NewName("org");
        (await platform.Api.PostAsync("organizations", ApiClient.Document("organizations", new() { ["name"] = name }))).Expect(201);
        var owner = await platform.WithPasswordAsync();
        await platform.JoinAsync(owner, await platform.OwnersAsync(name));
        return (name, await platform.TeamAsync(name), owner);
    }

    private static Task<Answer> InviteByApiAsync(Platform platform, string organization, string address, Team team)
    {
        var document = ApiClient.Document("organization-memberships", new JsonObject { ["email"] = address });
        document["data"]!["relationships"] = new JsonObject
        {
            ["teams"] = new JsonObject { ["data"] = new JsonArray(new JsonObject { ["type"] = "teams", ["id"] = team.Id.Value }) },
        };
        return platform.Api.PostAsync($"organizations/{organization}/organization-memberships", document);
    }

    private static async Task<string> LinkAsync(Browser owners, string organization, string membership)
    {
        var page = (await owners.GetAsync($"/app/{organization}/settings/members")).Expect(200);
        var shown = (await owners.SubmitAsync(page, $"/app/{organization}/settings/members/{membership}/invitation")).Expect(200);
        return new Uri(Link().Match(shown.Text).Value).PathAndQuery;
    }

    private static Task<Answer> JoinAsync(
        Browser browser, Answer page, string link, string name, string password = TestSignIns.Password, string? again = null) =>
        browser.SubmitAsync(page, $"{link}/join", ("username", name), ("password", password), ("confirmation", again ?? password));

    private static Answer Forge(Answer page, string from, string to) =>
        page with { Bytes = System.Text.Encoding.UTF8.GetBytes(page.Text.Replace(from, to, StringComparison.Ordinal)) };

    [GeneratedRegex(@"http://[^\s""<]+/invitations/[0-9a-f]{64}")]
    private static partial Regex Link();

    [GeneratedRegex(@"https://orchestrator\.example(?<path>/invitations/[0-9a-f]{64})")]
    private static partial Regex MailedLink();
}
