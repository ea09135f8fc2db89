using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;

namespace Orchestrator.BrowserTests;

/// <summary>Pages leave out what somebody may not do, so each role sees others than the site admin's; and no browser may complain about any.</summary>
public sealed class RoleTests(Site site)
{
    private const string Organization = "seen-by-every-role";

    [Fact]
    public async Task Whatever_a_role_may_see_breaks_no_rule_and_no_script()
    {
        using var gate = new Gate();
        await using var admin = await site.VisitAsync();
        var address = await admin.ArriveAsync(Organization);
        await admin.UploadAsync(Archives.Waiting(gate.File), start: true);
        await admin.SeeStatusAsync("Needs confirmation");
        var settings = $"/app/{Organization}/settings";
        string[] own = ["/", "/app/settings/tokens", "/app/settings/profile", "/app/settings/security", "/app/settings/sessions"];
        string[] readable = [address, $"{address}/variables", $"{address}/settings", $"{address}/states", $"{address}/trust", $"{address}/access", $"{address}/triggers", $"{address}/credentials", new Uri(admin.Page.Url).AbsolutePath];
        string[] owned = [$"{settings}/members", $"{settings}/projects", $"{settings}/credentials", $"{settings}/variable-sets", $"{settings}/permissions", $"{settings}/general", $"{settings}/audit"];
        string[] pages = [.. own, .. readable, .. owned, "/organizations/new", "/workspaces/new", $"/app/{Organization}", $"{settings}/teams", $"{settings}/agents", "/app/admin/users", "/app/admin/keys", "/app/settings/audit", "/app/admin/jobs"];

        Assert.Empty(own.Concat(readable).Concat(owned).Except(await WalkAsync(await OwnerAsync(), pages)));
        foreach (var level in new[] { WorkspaceAccessLevel.Read, WorkspaceAccessLevel.Write })
        {
            var seen = await WalkAsync(await MemberAsync(level), pages);
            Assert.Empty(own.Concat(readable).Except(seen));
            Assert.DoesNotContain("/app/settings/audit", seen);
        }
        var member = await WalkAsync(await MemberAsync(null), pages);
        Assert.Empty(own.Except(member));
        Assert.Empty(member.Intersect(readable));
    }

    /// <returns>The pages that are there for this person.</returns>
    private async Task<HashSet<string>> WalkAsync(UserId user, IEnumerable<string> pages)
    {
        await using var visitor = await site.VisitAsync(signedIn: false);
        await visitor.Page.GotoAsync(await site.Services.GetRequiredService<SignInLinks>().MakeAsync(user, CancellationToken.None));
        var seen = new HashSet<string>();
        foreach (var page in pages)
        {
            // A browser complains about pages that are not there, too.
            var answer = await visitor.Page.APIRequest.GetAsync(page, new() { MaxRedirects = 0 });
            if (answer.Status == 200)
            {
                await visitor.Page.GotoAsync(page);
                seen.Add(page);
            }
            else
            {
                Assert.Equal(404, answer.Status);
            }
        }
        visitor.SeeNoComplaints();
        return seen;
    }

    private async Task<UserId> OwnerAsync()
    {
        await using var db = Open();
        var organization = await OrganizationAsync(db);
        return await JoinAsync(db, organization, await db.Teams.Where(team => team.OrganizationId == organization && team.Name == Team.Owners).Select(team => team.Id).SingleAsync());
    }

    /// <summary>In a team with this access to the only workspace; with none.</summary>
    private async Task<UserId> MemberAsync(WorkspaceAccessLevel? level)
    {
        await using var db = Open();
        var organization = await OrganizationAsync(db);
        var team = new Team
        {
            Id = Identifier.New<TeamId>(), OrganizationId = organization, Name = $"team-{Guid.NewGuid():N}", CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        db.Teams.Add(team);
        if (level is { } given)
        {
            db.TeamWorkspaceAccesses.Add(new TeamWorkspaceAccess
            {
                Id = Identifier.New<TeamWorkspaceAccessId>(), TeamId = team.Id, Level = given,
                WorkspaceId = await db.Workspaces.Where(workspace => workspace.OrganizationId == organization).Select(workspace => workspace.Id).SingleAsync(),
            });
        }
        return await JoinAsync(db, organization, team.Id);
    }

    private static async Task<UserId> JoinAsync(OrchestratorDbContext db, OrganizationId organization, TeamId team)
    {
        var name = $"visitor-{Guid.NewGuid():N}"[..20];
        var now = TimeProvider.System.GetUtcNow();
        var user = new User { Id = Identifier.New<UserId>(), Username = name, UsernameKey = User.KeyOf(name), CreatedAt = now };
        var membership = new OrganizationMembership
        {
            Id = Identifier.New<OrganizationMembershipId>(), OrganizationId = organization, UserId = user.Id, Status = MembershipStatus.Active, CreatedAt = now,
        };
        db.AddRange(user, membership, new TeamMember { TeamId = team, MembershipId = membership.Id });
        await db.SaveChangesAsync();
        return user.Id;
    }

    private static Task<OrganizationId> OrganizationAsync(OrchestratorDbContext db) =>
        db.Organizations.Where(row => row.Name == Organization).Select(row => row.Id).SingleAsync();

    private OrchestratorDbContext Open() => site.Services.GetRequiredService<IDbContextFactory<OrchestratorDbContext>>().CreateDbContext();
}
