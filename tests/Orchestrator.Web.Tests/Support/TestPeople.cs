using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;

namespace Orchestrator.Web.Tests.Support;

/// <summary>People with accounts, and programs with tokens.</summary>
internal static class TestPeople
{
    public static async Task<User> AccountAsync(this Platform platform, Action<User>? with = null)
    {
        var name = TestWorkspace.NewName("user");
        var user = new User
        {
            Id = Identifier.New<UserId>(),
            Username = name,
            UsernameKey = User.KeyOf(name),
            CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        with?.Invoke(user);
        await using var db = platform.Open();
        db.Users.Add(user);
        await db.SaveChangesAsync();
        return user;
    }

    public static async Task<ApiClient> CallerAsync(this Platform platform, User user) => new(
        platform.Address,
        (await platform.Get<ApiTokens>().IssueAsync(user.Id, new TokenRequest(Actor.Platform), CancellationToken.None)).Text);

    /// <summary>A program with the team's token.</summary>
    public static async Task<ApiClient> CallerAsync(this Platform platform, Team team) => new(
        platform.Address,
        (await platform.Get<ApiTokens>().IssueAsync(team.Id, new TokenRequest(Actor.Platform), CancellationToken.None)).Text);

    public static async Task<Team> TeamAsync(this Platform platform, string organization, Action<Team>? with = null)
    {
        await using var db = platform.Open();
        var owner = await db.Organizations.FirstAsync(row => row.Name == organization);
        var team = new Team
        {
            Id = Identifier.New<TeamId>(),
            OrganizationId = owner.Id,
            Name = TestWorkspace.NewName("team"),
            CreatedAt = TimeProvider.System.GetUtcNow(),
        };
        with?.Invoke(team);
        db.Teams.Add(team);
        await db.SaveChangesAsync();
        return team;
    }

    public static async Task<Team> OwnersAsync(this Platform platform, string organization)
    {
        await using var db = platform.Open();
        var owner = await db.Organizations.FirstAsync(row => row.Name == organization);
        return await db.Teams.FirstAsync(team => team.OrganizationId == owner.Id && team.Name == Team.Owners);
    }

    /// <summary>Makes somebody a member of a team, and of its organisation if need be.</summary>
    public static async Task JoinAsync(this Platform platform, User user, Team team)
    {
        await using (var db = platform.Open())
        {
            var membership = await db.OrganizationMemberships.FirstOrDefaultAsync(
                row => row.OrganizationId == team.OrganizationId && row.UserId == user.Id);
            if (membership is null)
            {
                membership = new OrganizationMembership
                {
                    Id = Identifier.New<OrganizationMembershipId>(),
                    OrganizationId = team.OrganizationId,
                    UserId = user.Id,
                    Status = MembershipStatus.Active,
                    CreatedAt = TimeProvider.System.GetUtcNow(),
                };
                db.OrganizationMemberships.Add(membership);
            }
            db.TeamMembers.Add(new TeamMember { TeamId = team.Id, MembershipId = membership.Id });
            await db.SaveChangesAsync();
        }
        await platform.Get<AccessCache>().ForgetAsync();
    }

    public static async Task LeaveAsync(this Platform platform, User user, Team team)
    {
        await using (var db = platform.Open())
        {
            await db.TeamMembers
                .Where(member => member.TeamId == team.Id
                    && db.OrganizationMemberships.Any(row => row.Id == member.MembershipId && row.UserId == user.Id))
                .ExecuteDeleteAsync();
        }
        await platform.Get<AccessCache>().ForgetAsync();
    }

    /// <summary>A browser of somebody whose team has this access to workspaces of one organisation, and no other.</summary>
    public static async Task<Browser> SignedInAsync(this Platform platform, WorkspaceAccessLevel level, params TestWorkspace[] workspaces)
    {
        var team = await platform.TeamAsync(workspaces[0].Organization);
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, team);
        foreach (var workspace in workspaces)
        {
            await platform.GiveAsync(team, workspace, level);
        }
        return await Browser.SignedInAsync(platform, user.Id);
    }

    public static async Task GiveAsync(this Platform platform, Team team, TestWorkspace workspace, WorkspaceAccessLevel level)
    {
        await using (var db = platform.Open())
        {
            db.TeamWorkspaceAccesses.Add(new TeamWorkspaceAccess
            {
                Id = Identifier.New<TeamWorkspaceAccessId>(),
                TeamId = team.Id,
                WorkspaceId = new WorkspaceId(workspace.Id),
                Level = level,
            });
            await db.SaveChangesAsync();
        }
        await platform.Get<AccessCache>().ForgetAsync();
    }

    public static async Task GiveAsync(this Platform platform, Team team, ProjectId project, ProjectAccessLevel level)
    {
        await using (var db = platform.Open())
        {
            db.TeamProjectAccesses.Add(new TeamProjectAccess
            {
                Id = Identifier.New<TeamProjectAccessId>(),
                TeamId = team.Id,
                ProjectId = project,
                Level = level,
            });
            await db.SaveChangesAsync();
        }
        await platform.Get<AccessCache>().ForgetAsync();
    }

    /// <summary>A team with access to the workspace and its project, a member of it, and a token of each, by how routes name their kinds.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> AroundAsync(Platform platform, TestWorkspace workspace, string project)
    {
        var team = await platform.TeamAsync(workspace.Organization);
        var user = await platform.AccountAsync();
        await platform.JoinAsync(user, team);
        await platform.GiveAsync(team, workspace, WorkspaceAccessLevel.Read);
        await platform.GiveAsync(team, new ProjectId(project), ProjectAccessLevel.Read);
        var tokens = platform.Get<ApiTokens>();
        var request = new TokenRequest(Actor.Platform);
        var token = await tokens.IssueAsync(team.Id, request, CancellationToken.None);
        await tokens.IssueAsync(team.OrganizationId, request, CancellationToken.None);
        await using var db = platform.Open();
        return new Dictionary<string, string>
        {
            ["teams"] = team.Id.Value,
            ["users"] = user.Id.Value,
            ["organization-memberships"] = (await db.OrganizationMemberships.FirstAsync(row => row.UserId == user.Id)).Id.Value,
            ["team-workspaces"] = (await db.TeamWorkspaceAccesses.FirstAsync(row => row.TeamId == team.Id)).Id.Value,
            ["team-projects"] = (await db.TeamProjectAccesses.FirstAsync(row => row.TeamId == team.Id)).Id.Value,
            ["authentication-tokens"] = token.Token.Id.Value,
        };
    }

    /// <summary>A member with an account whose address is proved.</summary>
    public static Task<User> ReachableAsync(this Platform platform, string address) => platform.AccountAsync(user =>
    {
        user.Email = address;
        user.EmailKey = User.KeyOf(address);
    });
}
