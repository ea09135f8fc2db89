using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Terraform;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Tests.Access.Login;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

public sealed partial class MemberLinkTests
{
    [Theory, EachDatabase]
    public async Task An_owner_lets_a_member_in_who_then_logs_their_terraform_in(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var (organization, owner, member) = await TeamUpAsync(platform);
        using var browser = await Browser.SignedInAsync(platform, owner.Id);
        var members = (await browser.GetAsync(PageOf(organization))).Expect(200);

        var made = (await browser.SubmitAsync(members, $"{PageOf(organization)}/{member.Id}/link")).Expect(200);
        var path = new Uri(Link().Match(made.Text).Value).PathAndQuery;
        // A preview of the link by the program that carries it.
        (await platform.Anonymous.GetAsync(path)).Expect(200);
        using var theirs = new Browser(platform);
        var page = (await theirs.GetAsync(path)).Expect(200);
        using var late = new Browser(platform);
        var samePage = (await late.GetAsync(path)).Expect(200);
        Assert.Contains(member.Username, page.Text, StringComparison.Ordinal);
        Assert.Equal("/app/settings/tokens", (await theirs.SubmitAsync(page, path)).Expect(302).Headers.Location!.OriginalString);

        var token = (await new LoginRequest().LogInAsync(platform, theirs)).Expect(200).Json["access_token"]!.GetValue<string>();
        Assert.Equal(member.Id.Value, (await platform.Get<ApiTokens>().FindAsync(token, CancellationToken.None))!.Principal.Id);
        Assert.Equal("/sign-in?problem=member", (await platform.Anonymous.GetAsync(path)).Expect(302).Headers.Location!.OriginalString);
        Assert.Equal("/sign-in?problem=member", (await late.SubmitAsync(samePage, path)).Expect(302).Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Only_owners_see_the_members_and_make_links()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (organization, owner, member) = await TeamUpAsync(platform);
        var (other, _, _) = await TeamUpAsync(platform);
        using var owners = await Browser.SignedInAsync(platform, owner.Id);
        using var members = await Browser.SignedInAsync(platform, member.Id);
        var action = $"{PageOf(organization)}/{owner.Id}/link";

        (await members.GetAsync(PageOf(organization))).Expect(404);
        (await owners.GetAsync(PageOf(other))).Expect(404);
        var tokens = (await members.GetAsync("/app/settings/tokens")).Expect(200);
        var forged = tokens with { Bytes = System.Text.Encoding.UTF8.GetBytes(tokens.Text.Replace("\"/sign-out\"", $"\"{action}\"", StringComparison.Ordinal)) };
        (await members.SubmitAsync(forged, action)).Expect(404);
        (await owners.PostAsync($"{PageOf(organization)}/{member.Id}/link", [])).Expect(400);
        await using var db = platform.Open();
        Assert.False(await db.OneTimeCodes.AnyAsync(code => code.Purpose == OneTimePurpose.MemberSignIn && (code.UserId == owner.Id || code.UserId == member.Id)));
    }

    [Fact]
    public async Task An_owner_lets_nobody_in_who_may_more_than_the_organisation()
    {
        var platform = await SharedPlatforms.OfAsync();
        var (organization, owner, member) = await TeamUpAsync(platform);
        await using var db = platform.Open();
        await db.Users.Where(user => user.Id == member.Id).ExecuteUpdateAsync(set => set.SetProperty(user => user.IsSiteAdmin, true));
        using var browser = await Browser.SignedInAsync(platform, owner.Id);
        var members = (await browser.GetAsync(PageOf(organization))).Expect(200);

        (await browser.SubmitAsync(members, $"{PageOf(organization)}/{member.Id}/link")).Expect(302);

        Assert.Contains("users link USERNAME", (await browser.GetAsync(PageOf(organization))).Expect(200).Text, StringComparison.Ordinal);
        Assert.False(await db.OneTimeCodes.AnyAsync(code => code.UserId == member.Id && code.Purpose == OneTimePurpose.MemberSignIn));
    }

    [Fact]
    public async Task Somebody_without_an_organization_is_told_what_to_do()
    {
        var platform = await SharedPlatforms.OfAsync();
        using var browser = await Browser.SignedInAsync(platform, (await platform.AccountAsync()).Id);

        var home = (await browser.GetAsync("/")).Expect(200);

        Assert.Contains("You belong to no organization.", home.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("/organizations/new", home.Text, StringComparison.Ordinal);
        (await browser.GetAsync("/organizations/new")).Expect(404);
    }

    [Fact]
    public async Task Whoever_runs_the_server_lets_anybody_in_beside_it()
    {
        var outside = Directory.CreateTempSubdirectory("orchestrator-users-test-").FullName;
        try
        {
            var data = Path.Combine(outside, "data");
            await using var server = await ServerProcess.StartAsync(data);
            await using var reset = ServerProcess.Run(data, ["users", "reset", "admin", "--server", server.Address!.ToString()]);
            Assert.Equal(0, await reset.WaitForExitAsync());
            Assert.Contains("/sign-in/as/", reset.Said, StringComparison.Ordinal);
            await using var verb = ServerProcess.Run(data, ["users", "link", "ADMIN", "--server", server.Address!.ToString()]);
            Assert.Equal(0, await verb.WaitForExitAsync());
            await using var wrong = ServerProcess.Run(data, ["users", "link", "nobody"]);
            Assert.Equal(CommandLine.Failed, await wrong.WaitForExitAsync());
            await using var misspelt = ServerProcess.Run(data, ["users", "list"]);
            Assert.Equal(CommandLine.WrongUsage, await misspelt.WaitForExitAsync());

            var link = new Uri(verb.Said.Trim());
            Assert.Equal(server.Address.Authority, link.Authority);
            using var http = new ApiClient(server.Address);
            Assert.Contains("Sign in as admin", (await http.GetAsync(link.PathAndQuery)).Expect(200).Text, StringComparison.Ordinal);
            Assert.Contains("There is no user 'nobody'.", wrong.Said, StringComparison.Ordinal);
            Assert.Contains("users link USERNAME", misspelt.Said, StringComparison.Ordinal);
        }
        finally
        {
            DirectoryRemoval.Remove(outside);
        }
    }

    private static string PageOf(string organization) => $"/app/{organization}/settings/members";

    /// <summary>An organisation with an owner and a member who owns nothing.</summary>
    private static async Task<(string Organization, User Owner, User Member)> TeamUpAsync(Platform platform)
    {
        var (owner, member) = (await platform.AccountAsync(), await platform.AccountAsync());
        var name = TestWorkspace.NewName("org");
        await platform.Api.PostAsync("organizations", ApiClient.Document("organizations", new() { ["name"] = name }));
        await using var db = platform.Open();
        var organization = await db.Organizations.SingleAsync(row => row.Name == name);
        var owners = await db.Teams.SingleAsync(team => team.OrganizationId == organization.Id && team.Name == Team.Owners);
        foreach (var user in new[] { owner, member })
        {
            var membership = new OrganizationMembership
            {
                Id = Identifier.New<OrganizationMembershipId>(),
                OrganizationId = organization.Id,
                UserId = user.Id,
                CreatedAt = user.CreatedAt,
            };
            db.OrganizationMemberships.Add(membership);
            if (user == owner)
            {
                db.TeamMembers.Add(new TeamMember { TeamId = owners.Id, MembershipId = membership.Id });
            }
        }
        await db.SaveChangesAsync();
        await platform.Get<AccessCache>().ForgetAsync();
        return (name, owner, member);
    }

    [GeneratedRegex(@"http://\S+/sign-in/as/[0-9a-f]{64}")]
    private static partial Regex Link();
}
