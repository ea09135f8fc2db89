using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access;

public sealed class FirstAccessTests
{
    [Theory, EachDatabase]
    public async Task The_first_start_makes_the_admin_and_later_ones_leave_the_account_as_it_is(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        await PrepareAsync(installation);
        await using (var db = installation.Open())
        {
            var admin = await db.Users.SingleAsync();
            Assert.Equal((User.AdminId, "admin", true), (admin.Id, admin.Username, admin.IsSiteAdmin));
            admin.Username = "root";
            admin.UsernameKey = User.KeyOf("root");
            await db.SaveChangesAsync();
        }

        await PrepareAsync(installation);

        await using var after = installation.Open();
        Assert.Equal("root", (await after.Users.SingleAsync()).Username);
    }

    [Theory, EachDatabase]
    public async Task An_organization_from_before_there_were_teams_gets_its_owners_with_the_admin_among_them(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (organization, _) = await installation.OrganizationAsync();

        await PrepareAsync(installation);
        await PrepareAsync(installation);

        await using var db = installation.Open();
        var team = await db.Teams.SingleAsync(row => row.OrganizationId == organization);
        var member = await db.TeamMembers.SingleAsync(row => row.TeamId == team.Id);
        var membership = await db.OrganizationMemberships.SingleAsync(row => row.Id == member.MembershipId);
        Assert.True(team.IsOwners);
        Assert.Equal((User.AdminId, MembershipStatus.Active), (membership.UserId, membership.Status));
    }

    [Theory, EachDatabase]
    public async Task What_the_admin_did_before_there_were_users_is_the_admins(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var workspace = await installation.ReadyWorkspaceAsync();
        var run = await installation.QueueAsync(workspace.Id, request => request with { CreatedBy = new Actor(null, "admin") });
        var another = await installation.QueueAsync(workspace.Id, request => request with { CreatedBy = new Actor(null, "somebody") });

        await PrepareAsync(installation);

        Assert.Equal(User.AdminId.Value, (await installation.ReadAsync(run.Id)).CreatedById);
        Assert.Null((await installation.ReadAsync(another.Id)).CreatedById);
        Assert.Equal(User.AdminId.Value, (await installation.HistoryAsync(run.Id))[0].ActorId);
    }

    [Theory, EachDatabase]
    public async Task Deleting_an_account_or_a_team_takes_its_tokens_with_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var user = await installation.UserAsync();
        var team = await installation.TeamAsync((await installation.OrganizationAsync()).Id);
        await installation.Get<ApiTokens>().IssueAsync(user.Id, new TokenRequest(Someone.Alice), CancellationToken.None);
        await installation.Get<ApiTokens>().IssueAsync(team.Id, new TokenRequest(Someone.Alice), CancellationToken.None);

        await using var db = installation.Open();
        await db.Users.ExecuteDeleteAsync();
        await db.Teams.ExecuteDeleteAsync();

        Assert.Empty(await db.ApiTokens.ToListAsync());
    }

    private static Task PrepareAsync(Installation installation) => installation.Get<FirstAccess>().PrepareAsync(CancellationToken.None);
}
