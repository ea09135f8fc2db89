using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>What the company's provider says of a person. It has been verified.</summary>
/// <param name="Subject">Never anybody else's at this issuer.</param>
/// <param name="Name">What it calls them: a username or an address.</param>
/// <param name="Email">Null when it says none, or does not vouch for it.</param>
/// <param name="Groups">By the names or ids that teams have in <see cref="Team.SsoTeamId"/>; null when it says nothing about groups.</param>
public sealed record CompanyPerson(string Issuer, string Subject, string? Name, string? Email, IReadOnlySet<string>? Groups);

/// <summary>Finds, or makes, the account of whoever the company's provider has signed in, and keeps their teams as the provider says.</summary>
public sealed class CompanySignIns(IDbContextFactory<OrchestratorDbContext> databases, AccessCache cache, TimeProvider clock)
{
    private const int MaxTries = 20;

    /// <param name="mayCreate">Whoever signs in first gets an account.</param>
    /// <returns>Null when they have no account and get none.</returns>
    public async Task<UserId?> SignInAsync(CompanyPerson person, bool mayCreate, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var known = await FindAsync(db, person, cancellationToken);
        if (known is null && mayCreate)
        {
            known = await CreateAsync(db, person, cancellationToken);
        }
        if (known is { } user && person.Groups is { } groups)
        {
            await SynchronizeAsync(user, groups, cancellationToken);
        }
        return known;
    }

    private static Task<UserId?> FindAsync(OrchestratorDbContext db, CompanyPerson person, CancellationToken cancellationToken) =>
        db.CompanyIdentities.Where(row => row.Issuer == person.Issuer && row.Subject == person.Subject)
            .Select(row => (UserId?)row.UserId).FirstOrDefaultAsync(cancellationToken);

    private async Task<UserId?> CreateAsync(OrchestratorDbContext db, CompanyPerson person, CancellationToken cancellationToken)
    {
        var name = PlainName(person);
        for (var number = 1; number <= MaxTries; number++)
        {
            var (username, key) = (number == 1 ? name : $"{name}-{number}", person.Email is { } email ? User.KeyOf(email) : null);
            var isFree = key is not null && !await db.Users.AnyAsync(row => row.EmailKey == key, cancellationToken);
            var user = new User
            {
                Id = Identifier.New<UserId>(),
                Username = username,
                UsernameKey = User.KeyOf(username),
                Email = person.Email,
                EmailKey = isFree ? key : null,
                CreatedAt = clock.GetUtcNow(),
            };
            db.Users.Add(user);
            db.CompanyIdentities.Add(new CompanyIdentity { Issuer = person.Issuer, Subject = person.Subject, UserId = user.Id });
            if (await db.TrySaveAsync(cancellationToken))
            {
                return user.Id;
            }
            db.ChangeTracker.Clear();
            // The same person in another window was faster, or the name is somebody's.
            if (await FindAsync(db, person, cancellationToken) is { } other)
            {
                return other;
            }
        }
        return null;
    }

    /// <summary>Teams that have an <see cref="Team.SsoTeamId"/> consist of whom the provider says; others are nobody's business here.</summary>
    private async Task SynchronizeAsync(UserId user, IReadOnlySet<string> groups, CancellationToken cancellationToken)
    {
        string[] names = [.. groups];
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var wanted = await db.Teams.AsNoTracking().Where(team => team.SsoTeamId != null && names.Contains(team.SsoTeamId)).ToListAsync(cancellationToken);
        var current = await (
            from member in db.TeamMembers
            join membership in db.OrganizationMemberships on member.MembershipId equals membership.Id
            where membership.UserId == user
            join team in db.Teams on member.TeamId equals team.Id
            where team.SsoTeamId != null
            select new { team.Id, team.OrganizationId, team.Name, MembershipId = membership.Id }).AsNoTracking().ToListAsync(cancellationToken);
        foreach (var team in wanted.Where(team => !current.Exists(row => row.Id == team.Id)))
        {
            await JoinAsync(db, user, team, cancellationToken);
        }
        foreach (var row in current.Where(row => !wanted.Exists(team => team.Id == row.Id)))
        {
            // An organisation keeps an owner, whatever the provider says.
            await db.TeamMembers
                .Where(member => member.TeamId == row.Id && member.MembershipId == row.MembershipId
                    && (row.Name != Team.Owners || db.TeamMembers.Any(other => other.TeamId == row.Id && other.MembershipId != row.MembershipId
                        && db.OrganizationMemberships.Any(membership => membership.Id == other.MembershipId && membership.Status == MembershipStatus.Active))))
                .ExecuteDeleteAsync(cancellationToken);
        }
        await db.OrganizationMemberships
            .Where(membership => membership.UserId == user && membership.IsByCompany && !db.TeamMembers.Any(member => member.MembershipId == membership.Id))
            .ExecuteDeleteAsync(cancellationToken);
        await cache.ForgetAsync();
    }

    private async Task JoinAsync(OrchestratorDbContext db, UserId user, Team team, CancellationToken cancellationToken)
    {
        var membership = await db.OrganizationMemberships.AsNoTracking()
            .FirstOrDefaultAsync(row => row.OrganizationId == team.OrganizationId && row.UserId == user, cancellationToken);
        if (membership is null)
        {
            membership = new OrganizationMembership
            {
                Id = Identifier.New<OrganizationMembershipId>(),
                OrganizationId = team.OrganizationId,
                UserId = user,
                Status = MembershipStatus.Active,
                IsByCompany = true,
                CreatedAt = clock.GetUtcNow(),
            };
            db.OrganizationMemberships.Add(membership);
        }
        else if (membership.Status == MembershipStatus.Invited)
        {
            await db.OrganizationMemberships.Where(row => row.Id == membership.Id)
                .ExecuteUpdateAsync(set => set.SetProperty(row => row.Status, MembershipStatus.Active), cancellationToken);
        }
        db.TeamMembers.Add(new TeamMember { TeamId = team.Id, MembershipId = membership.Id });
        // The same person in another window may have been faster.
        await db.TrySaveAsync(cancellationToken);
        db.ChangeTracker.Clear();
    }

    /// <summary>What is before the @, in letters that names here have.</summary>
    private static string PlainName(CompanyPerson person)
    {
        var said = (person.Name ?? person.Email ?? "").Split('@')[0];
        var plain = string.Concat(said.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '-')).Trim('-');
        var name = plain.Length > Names.MaxUserLength - 3 ? plain[..(Names.MaxUserLength - 3)] : plain;
        return Names.IsUser(name) ? name : "user";
    }
}
