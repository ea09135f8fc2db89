using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>What somebody wants a team to be. Null: as it is, or the default.</summary>
public sealed record TeamEdit
{
    public string? Name { get; init; }

    /// <summary><c>secret</c> or <c>organization</c>.</summary>
    public string? Visibility { get; init; }

    /// <summary>Empty: none.</summary>
    public string? SsoTeamId { get; init; }

    public bool? AllowMemberTokenManagement { get; init; }

    public TeamOrganizationAccess? OrganizationAccess { get; init; }

    /// <summary>Something beside what the team may do.</summary>
    public bool IsMoreThanRights(Team team) =>
        (Name is not null && Name != team.Name) || Visibility is not null || SsoTeamId is not null || AllowMemberTokenManagement is not null;
}

/// <summary>The team, or why not. Neither: there is no such team, or whoever asks may not change that of it.</summary>
/// <param name="Field">The attribute at fault, in the API's spelling.</param>
public sealed record TeamResult(Team? Team, string? Refusal = null, string? Field = null);

/// <summary>Makes, changes, fills and removes teams, for the API and the pages alike.</summary>
public sealed class TeamSettings(IDbContextFactory<OrchestratorDbContext> databases, AccessCache cache, TimeProvider clock)
{
    public const string LastOwner = "An organization has an owner. Make somebody else one first.";

    public const string NameTaken = "Name has already been taken";

    public static readonly string NameRule = $"A name has 1 to {Names.MaxTeamLength} letters, digits, spaces, '-' and '_', and no space at its ends.";

    /// <param name="by">What the maker may do: nobody gives what they do not have.</param>
    public async Task<TeamResult> CreateAsync(OrganizationId organization, TeamEdit wanted, Standing by, CancellationToken cancellationToken)
    {
        var team = new Team { Id = Identifier.New<TeamId>(), OrganizationId = organization, Name = "", CreatedAt = clock.GetUtcNow() };
        if (Apply(wanted with { Name = wanted.Name ?? "" }, team, by, by.In(organization).HasFlag(OrganizationRight.ManageOrganizationAccess)) is { } refused)
        {
            return refused;
        }
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.Teams.Add(team);
        return await SaveAsync(db, team, cancellationToken);
    }

    /// <param name="by">What whoever asks may do.</param>
    /// <param name="isPerson">Not a program with a team's or organisation's token.</param>
    public async Task<TeamResult> UpdateAsync(TeamId id, TeamEdit wanted, Standing by, bool isPerson, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        if (await db.Teams.FirstOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } team)
        {
            return new TeamResult(null);
        }
        var may = AccessRules.Of(team, by, isPerson);
        if ((wanted.IsMoreThanRights(team) && !may.HasFlag(TeamRight.Update))
            // Whoever names the company's group fills the team.
            || (wanted.SsoTeamId is { Length: > 0 } && !may.HasFlag(TeamRight.ManageMembers)))
        {
            return new TeamResult(null);
        }
        return Apply(wanted, team, by, may.HasFlag(TeamRight.ManageOrganizationAccess)) ?? await SaveAsync(db, team, cancellationToken);
    }

    /// <summary>With its tokens and its access; the owners stay.</summary>
    public async Task RemoveAsync(TeamId id, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Teams.Where(team => team.Id == id && team.Name != Team.Owners).ExecuteDeleteAsync(cancellationToken);
        await cache.ForgetAsync();
    }

    /// <param name="memberships">Of the team's organisation.</param>
    public async Task AddMembersAsync(TeamId id, IReadOnlyCollection<OrganizationMembershipId> memberships, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var known = await db.TeamMembers.Where(member => member.TeamId == id).Select(member => member.MembershipId).ToListAsync(cancellationToken);
        db.TeamMembers.AddRange(memberships.Except(known).Select(membership => new TeamMember { TeamId = id, MembershipId = membership }));
        await db.TrySaveAsync(cancellationToken);
        await cache.ForgetAsync();
    }

    /// <returns>False: the organisation would have no owner, so nobody was removed.</returns>
    public async Task<bool> RemoveMembersAsync(Team team, IReadOnlyCollection<OrganizationMembershipId> memberships, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            await db.TeamMembers.Where(member => member.TeamId == team.Id && memberships.Contains(member.MembershipId)).ExecuteDeleteAsync(cancellationToken);
            if (team.IsOwners && !await db.HasOwnerAsync(team.OrganizationId, cancellationToken))
            {
                return false;
            }
            await transaction.CommitAsync(cancellationToken);
        }
        await cache.ForgetAsync();
        return true;
    }

    private async Task<TeamResult> SaveAsync(OrchestratorDbContext db, Team team, CancellationToken cancellationToken)
    {
        if (!await db.TrySaveAsync(cancellationToken))
        {
            return new TeamResult(null, NameTaken, "name");
        }
        await cache.ForgetAsync();
        return new TeamResult(team);
    }

    /// <returns>Null when all was well.</returns>
    private static TeamResult? Apply(TeamEdit wanted, Team team, Standing by, bool mayGiveRights)
    {
        if (wanted.Name is { } name && name != team.Name)
        {
            if (!Names.IsTeam(name))
            {
                return new TeamResult(null, NameRule, "name");
            }
            if (name.Equals(Team.Owners, StringComparison.OrdinalIgnoreCase))
            {
                return new TeamResult(null, NameTaken, "name");
            }
            team.Name = name;
        }
        else if (team.Name.Length == 0)
        {
            return new TeamResult(null, NameRule, "name");
        }
        if (wanted.Visibility is { } text)
        {
            if (!EnumText.TryParse<TeamVisibility>(text, out var visibility))
            {
                return new TeamResult(null, "The visibility is 'secret' or 'organization'.", "visibility");
            }
            team.Visibility = visibility;
        }
        team.AllowMemberTokenManagement = wanted.AllowMemberTokenManagement ?? team.AllowMemberTokenManagement;
        if (wanted.SsoTeamId is { } group)
        {
            if (group.Length > Team.MaxSsoIdLength)
            {
                return new TeamResult(null, $"The id has {Team.MaxSsoIdLength} characters at most.", "sso-team-id");
            }
            team.SsoTeamId = group.Length > 0 ? group : null;
        }
        if (wanted.OrganizationAccess is { } access && access != team.OrganizationAccess)
        {
            if (!mayGiveRights || !by.Across(team.OrganizationId).Includes(AccessRules.Of(access)))
            {
                return new TeamResult(null, "You may not give these rights.", "organization-access");
            }
            team.OrganizationAccess = access;
        }
        return null;
    }
}
