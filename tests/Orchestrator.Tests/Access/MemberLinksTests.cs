using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Access;

public sealed class MemberLinksTests
{
    [Theory, EachDatabase]
    public async Task An_organisation_lets_in_those_who_belong_to_it_alone(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var (here, there) = ((await installation.OrganizationAsync()).Id, (await installation.OrganizationAsync()).Id);
        var (member, stranger, elsewhere, admin) = (
            await installation.UserAsync(), await installation.UserAsync(), await installation.UserAsync(),
            await installation.UserAsync(user => user.IsSiteAdmin = true));
        await JoinAsync(installation, (here, member), (there, stranger), (here, elsewhere), (there, elsewhere), (here, admin));

        var link = await MakeAsync(installation, here, member);

        Assert.Equal(member.Id, await installation.Get<OneTimeCodes>().RedeemAsync(OneTimePurpose.MemberSignIn, link.Code!, CancellationToken.None));
        Assert.Equal(new MemberLink(null, MemberLinkRefusal.NoMember), await MakeAsync(installation, here, stranger));
        Assert.Equal(new MemberLink(null, MemberLinkRefusal.NotTheirsAlone), await MakeAsync(installation, here, elsewhere));
        Assert.Equal(new MemberLink(null, MemberLinkRefusal.NotTheirsAlone), await MakeAsync(installation, here, admin));
    }

    [Theory, EachDatabase]
    public async Task A_newer_link_voids_the_older_and_a_look_uses_neither_up(DatabaseProvider provider)
    {
        await using var installation = await Installation.CreateAsync(provider);
        var user = await installation.UserAsync();
        var (links, codes) = (installation.Get<MemberLinks>(), installation.Get<OneTimeCodes>());

        var older = await links.MakeAsync(user.Id, CancellationToken.None);
        var newer = await links.MakeAsync(user.Id, CancellationToken.None);

        Assert.Null(await codes.PeekAsync(OneTimePurpose.MemberSignIn, older, CancellationToken.None));
        Assert.Equal(user.Id, await codes.PeekAsync(OneTimePurpose.MemberSignIn, newer, CancellationToken.None));
        Assert.Null(await codes.PeekAsync(OneTimePurpose.SignIn, newer, CancellationToken.None));
        installation.Clock.Advance(MemberLinks.Lifetime - TimeSpan.FromSeconds(1));
        Assert.Equal(user.Id, await codes.RedeemAsync(OneTimePurpose.MemberSignIn, newer, CancellationToken.None));
        Assert.Null(await codes.PeekAsync(OneTimePurpose.MemberSignIn, newer, CancellationToken.None));
    }

    private static Task<MemberLink> MakeAsync(Installation installation, OrganizationId organization, User user) =>
        installation.Get<MemberLinks>().MakeAsync(organization, user.Id, CancellationToken.None);

    private static async Task JoinAsync(Installation installation, params (OrganizationId Organization, User User)[] memberships)
    {
        await using var db = installation.Open();
        db.OrganizationMemberships.AddRange(memberships.Select(membership => new OrganizationMembership
        {
            Id = Identifier.New<OrganizationMembershipId>(),
            OrganizationId = membership.Organization,
            UserId = membership.User.Id,
            CreatedAt = Installation.Start,
        }));
        await db.SaveChangesAsync();
    }
}
