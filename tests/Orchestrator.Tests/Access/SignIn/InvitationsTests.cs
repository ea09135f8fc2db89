using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access.SignIn;

public sealed class InvitationsTests
{
    [Theory, EachDatabase]
    public async Task A_link_is_good_for_its_time_and_a_newer_one_voids_it(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (invitations, membership) = (installation.Get<Invitations>(), await InviteAsync(installation));
        var older = await MakeAsync(installation, membership);
        var newer = await MakeAsync(installation, membership);
        var mailed = (await invitations.MakeLinkAsync(membership.Id, isMailed: true, CancellationToken.None))!;

        Assert.Null(await invitations.FindAsync(older, CancellationToken.None));
        installation.Clock.Advance(Invitations.Lifetime - TimeSpan.FromSeconds(1));
        Assert.Equal(membership.Id, (await invitations.FindAsync(newer, CancellationToken.None))!.Membership);
        Assert.NotNull(await invitations.FindAsync(mailed, CancellationToken.None));
        installation.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await invitations.FindAsync(newer, CancellationToken.None));
        Assert.Equal(AcceptOutcome.Gone, await invitations.AcceptAsync(newer, (await installation.UserAsync()).Id, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task However_many_use_a_link_at_the_same_time_one_is_the_member(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (invitations, membership) = (installation.Get<Invitations>(), await InviteAsync(installation));
        var code = await MakeAsync(installation, membership);
        var users = new List<User>();
        for (var index = 0; index < 4; index++)
        {
            users.Add(await installation.UserAsync());
        }

        var outcomes = await Task.WhenAll(users.Select(user => Task.Run(() => invitations.AcceptAsync(code, user.Id, CancellationToken.None))));

        Assert.Single(outcomes, AcceptOutcome.Accepted);
        Assert.Equal(3, outcomes.Count(outcome => outcome == AcceptOutcome.Gone));
        await using var db = installation.Open();
        var stored = await db.OrganizationMemberships.AsNoTracking().SingleAsync(row => row.Id == membership.Id);
        Assert.Equal(MembershipStatus.Active, stored.Status);
        Assert.Equal(users[Array.IndexOf(outcomes, AcceptOutcome.Accepted)].Id, stored.UserId);
        Assert.Null(await invitations.MakeLinkAsync(membership.Id, isMailed: false, CancellationToken.None));
    }

    [Theory, EachDatabase]
    public async Task An_invitation_goes_with_its_membership_and_a_member_needs_none(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (invitations, membership, user) = (installation.Get<Invitations>(), await InviteAsync(installation), await installation.UserAsync());
        var code = await MakeAsync(installation, membership);
        await using var db = installation.Open();
        db.OrganizationMemberships.Add(new OrganizationMembership
        {
            Id = Identifier.New<OrganizationMembershipId>(), OrganizationId = membership.OrganizationId, UserId = user.Id, CreatedAt = Installation.Start,
        });
        await db.SaveChangesAsync();

        Assert.Equal(AcceptOutcome.AlreadyMember, await invitations.AcceptAsync(code, user.Id, CancellationToken.None));
        Assert.NotNull(await invitations.FindAsync(code, CancellationToken.None));
        await db.OrganizationMemberships.Where(row => row.Id == membership.Id).ExecuteDeleteAsync();
        Assert.Null(await invitations.FindAsync(code, CancellationToken.None));
    }

    private static async Task<OrganizationMembership> InviteAsync(Installation installation) => (await installation.Get<Invitations>().InviteAsync(
        (await installation.OrganizationAsync()).Id, "alice@example.com", [], CancellationToken.None)).Membership!;

    private static async Task<string> MakeAsync(Installation installation, OrganizationMembership membership) =>
        (await installation.Get<Invitations>().MakeLinkAsync(membership.Id, isMailed: false, CancellationToken.None))!;
}
