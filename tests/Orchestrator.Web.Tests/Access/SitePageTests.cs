using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Tests.Access;

/// <summary>What site admins do with accounts and keys on their pages.</summary>
public sealed partial class SitePageTests
{
    [Theory, EachDatabase]
    public async Task A_disabled_account_lets_nobody_in_until_it_is_enabled_again(DatabaseProvider provider)
    {
        var platform = await SharedPlatforms.OfAsync(provider);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        var person = await platform.AccountAsync();
        await platform.JoinAsync(person, await platform.OwnersAsync(workspace.Organization));
        using var program = await platform.CallerAsync(person);
        using var theirs = await Browser.SignedInAsync(platform, person.Id);
        using var admin = await Browser.SignedInAsync(platform);
        var page = $"/app/admin/users/{person.Id}";
        (await program.GetAsync("account/details")).Expect(200);
        (await theirs.GetAsync("/app/settings/tokens")).Expect(200);

        (await admin.ForgeAsync(page + "/disable", ("name", "somebody else"))).Expect(302);
        Assert.Contains("That is not the name. Nothing was done", (await admin.GetAsync(page)).Text, StringComparison.Ordinal);
        (await admin.ForgeAsync(page + "/disable", ("name", person.Username))).Expect(302);

        (await program.GetAsync("account/details")).Expect(401);
        Assert.Contains("/sign-in", (await theirs.GetAsync("/app/settings/tokens")).Expect(302).Headers.Location!.ToString(), StringComparison.Ordinal);
        // Whatever they show: the first request of a session that has just begun is refused, too.
        var entered = (await theirs.GetAsync(await platform.Get<Orchestrator.Web.Access.SignInLinks>().MakeAsync(person.Id, CancellationToken.None))).Expect(302);
        Assert.Equal("/sign-in?problem=disabled", entered.Headers.Location!.ToString());
        Assert.Contains("This account is disabled", (await theirs.GetAsync("/sign-in?problem=disabled")).Text, StringComparison.Ordinal);
        var shown = (await admin.GetAsync(page)).Expect(200);
        Assert.Contains("disabled since", shown.Text, StringComparison.Ordinal);
        (await admin.ForgeAsync(page + "/link")).Expect(302);
        Assert.Contains("Enable the account first", (await admin.GetAsync(page)).Text, StringComparison.Ordinal);
        Assert.Contains(person.Username, (await admin.GetAsync("/app/admin/users?only=disabled&q=" + person.Username.ToUpperInvariant())).Text, StringComparison.Ordinal);

        foreach (var where in new[] { $"settings/members", $"settings/members/{person.Id}", $"settings/permissions?q={workspace.Name}", $"workspaces/{workspace.Name}/access?member={person.Username}" })
        {
            Assert.Contains("A site admin has disabled the account", (await admin.GetAsync($"/app/{workspace.Organization}/{where}")).Expect(200).Text, StringComparison.Ordinal);
        }

        (await admin.SubmitAsync(shown, page + "/enable")).Expect(302);
        (await program.GetAsync("account/details")).Expect(200);
        await using var db = await platform.OpenTrailAsync();
        Assert.Equal(["disable", "enable"], await db.AuditEntries.Where(entry => entry.ResourceId == person.Id.Value && entry.Outcome == AuditOutcome.Succeeded && entry.Action != "link")
            .OrderBy(entry => entry.At).Select(entry => entry.Action).ToListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_user_is_made_site_admin_signed_out_reset_and_let_in_again()
    {
        var platform = await SharedPlatforms.OfAsync();
        var person = await platform.AccountAsync();
        using var theirs = await Browser.SignedInAsync(platform, person.Id);
        using var admin = await Browser.SignedInAsync(platform);
        var page = $"/app/admin/users/{person.Id}";
        await using var db = platform.Open();
        db.Passkeys.Add(new Passkey
        {
            Id = Identifier.New<PasskeyId>(), UserId = person.Id, CredentialId = [1], CredentialHash = Guid.NewGuid().ToString("N"), Name = "lost", PublicKey = [1],
            Transports = "", AttestationObject = [], ClientDataJson = [], CreatedAt = TimeProvider.System.GetUtcNow(),
        });
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);

        Assert.Contains(person.Username, (await admin.GetAsync($"/app/admin/users?q={person.Username[5..]}")).Expect(200).Text, StringComparison.Ordinal);
        Assert.Contains("Nobody is like that", (await admin.GetAsync("/app/admin/users?q=nobody-of-that-name")).Text, StringComparison.Ordinal);
        (await theirs.GetAsync("/app/admin/users")).Expect(404);
        (await admin.ForgeAsync(page + "/site-admin", ("on", "true"))).Expect(302);
        var self = (await theirs.GetAsync(page)).Expect(200).Text;
        // Nobody takes it from themselves, so that one is always left; and nobody from the installation's own account.
        Assert.DoesNotContain("Make no site admin any more", self, StringComparison.Ordinal);
        (await theirs.ForgeAsync(page + "/site-admin", ("on", "false"))).Expect(302);
        Assert.Contains("You cannot do that to yourself", (await theirs.GetAsync(page)).Expect(200).Text, StringComparison.Ordinal);
        (await theirs.ForgeAsync($"/app/admin/users/{User.AdminId}/disable", ("name", User.AdminName))).Expect(302);
        Assert.Contains("own account", (await theirs.GetAsync($"/app/admin/users/{User.AdminId}")).Expect(200).Text, StringComparison.Ordinal);
        (await admin.ForgeAsync(page + "/site-admin", ("on", "false"))).Expect(302);
        (await theirs.GetAsync(page)).Expect(404);

        (await admin.ForgeAsync(page + "/end-sessions")).Expect(302);
        (await theirs.GetAsync("/app/settings/tokens")).Expect(302);
        var link = new Uri(Link().Match((await admin.ForgeAsync(page + "/reset")).Expect(200).Text).Value).PathAndQuery;
        Assert.False(await db.Passkeys.AnyAsync(row => row.UserId == person.Id, TestContext.Current.CancellationToken));
        using var again = new Browser(platform);
        var open = (await again.GetAsync(link)).Expect(200);
        (await again.SubmitAsync(open, link)).Expect(302);
        (await again.GetAsync("/app/settings/tokens")).Expect(200);
    }

    [Fact]
    public async Task Keys_are_rotated_and_retired_by_who_says_so_twice_and_organizations_are_counted()
    {
        await using var platform = await Platform.StartAsync(DatabaseProvider.Sqlite);
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        using var admin = await Browser.SignedInAsync(platform);
        const string Page = "/app/admin/keys";
        var before = (await admin.GetAsync(Page)).Expect(200);
        await using var db = platform.Open();
        var keys = await db.SigningKeys.AsNoTracking().ToListAsync(TestContext.Current.CancellationToken);
        var (active, next) = (keys.Single(key => key.State == SigningKeyState.Active), keys.Single(key => key.State == SigningKeyState.Next));
        Assert.DoesNotContain("Retire them now", before.Text, StringComparison.Ordinal);

        Assert.Contains("That is not the key that signs now", await PressAsync("rotate", next.Kid[..8]), StringComparison.Ordinal);
        Assert.Contains($"Key {next.Kid} signs from now on", await PressAsync("rotate", active.Kid[..8]), StringComparison.Ordinal);
        // Too early: nobody can know the key after it yet.
        Assert.Contains("relying parties may not know it", await PressAsync("rotate", next.Kid[..8]), StringComparison.Ordinal);
        Assert.Contains("Nothing was done: type retire", await PressAsync("trim", "yes"), StringComparison.Ordinal);
        Assert.Contains("1 key retired", await PressAsync("trim", "retire"), StringComparison.Ordinal);
        Assert.Equal(SigningKeyState.Retired, (await db.SigningKeys.AsNoTracking().SingleAsync(key => key.Kid == active.Kid, TestContext.Current.CancellationToken)).State);

        var organizations = (await admin.GetAsync($"/app/admin/organizations?q={workspace.Organization}")).Expect(200).Text;
        Assert.Contains("data-label=\"Workspaces\" class=\"number\">1<", organizations, StringComparison.Ordinal);
        Assert.Contains("None has that in its name", (await admin.GetAsync("/app/admin/organizations?q=nothing-like-it")).Text, StringComparison.Ordinal);

        async Task<string> PressAsync(string action, string name)
        {
            (await admin.ForgeAsync($"{Page}/{action}", ("name", name))).Expect(302);
            return (await admin.GetAsync(Page)).Expect(200).Text;
        }
    }

    [GeneratedRegex("http[^<\"]*/sign-in/as/[^<\"]*")]
    private static partial Regex Link();
}
