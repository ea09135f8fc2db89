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
    /// <param name="mayLink">Whoever signs in first gets the account that has proved the same address.</param>
    /// <returns>Null when they have no account and get none.</returns>
    public async Task<UserId?> SignInAsync(CompanyPerson person, bool mayCreate, bool mayLink, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var known = await FindAsync(db, person, cancellationToken);
        if (known is null && mayLink)
        {
            known = await LinkAsync(db, person, cancellationToken);
        }
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

    /// <summary>From now on the company's sign-in leads to this account.</summary>
    /// <returns>False when it leads to another one.</returns>
    public async Task<bool> ConnectAsync(UserId user, string issuer, string subject, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.CompanyIdentities.Add(new CompanyIdentity { Issuer = issuer, Subject = subject, UserId = user });
        if (await db.TrySaveAsync(cancellationToken))
        {
            // It may be a second factor.
            await cache.ForgetAsync();
            return true;
        }
        db.ChangeTracker.Clear();
        return await db.CompanyIdentities.AnyAsync(row => row.Issuer == issuer && row.Subject == subject && row.UserId == user, cancellationToken);
    }

    /// <returns>False when it does not lead to this account.</returns>
    public async Task<bool> DisconnectAsync(UserId user, string issuer, string subject, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var removed = await db.CompanyIdentities.Where(row => row.Issuer == issuer && row.Subject == subject && row.UserId == user)
            .ExecuteDeleteAsync(cancellationToken);
        await cache.ForgetAsync();
        return removed == 1;
    }

    /// <summary>By which of the company's sign-ins a person gets to their account.</summary>
    public async Task<IReadOnlyList<CompanyIdentity>> OfAsync(UserId user, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        return await db.CompanyIdentities.AsNoTracking().Where(row => row.UserId == user).OrderBy(row => row.Issuer).ThenBy(row => row.Subject)
            .ToListAsync(cancellationToken);
    }

    /// <summary>Both sides must have seen that the address is this person's: the company says so, and whoever has the account has opened a mail
    /// to it. Who administers the company's addresses is not thereby one of the installation's admins.</summary>
    private async Task<UserId?> LinkAsync(OrchestratorDbContext db, CompanyPerson person, CancellationToken cancellationToken)
    {
        var key = person.Email is { } email ? User.KeyOf(email) : null;
        var found = key is null ? null : await db.Users.Where(row => row.EmailKey == key && !row.IsSiteAdmin)
            .Select(row => (UserId?)row.Id).FirstOrDefaultAsync(cancellationToken);
        return found is { } user && await ConnectAsync(user, person.Issuer, person.Subject, cancellationToken) ? user : null;
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
