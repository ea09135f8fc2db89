using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record MembershipAttributes(string Status, string? Email, DateTimeOffset CreatedAt);

public sealed record MembershipRequest
{
    public string? Email { get; init; }
}

public sealed record MembershipView
{
    public required OrganizationMembership Membership { get; init; }

    public required string Organization { get; init; }

    /// <summary>The account's address where there is an account, else the invited one.</summary>
    public string? Email { get; init; }
}

internal sealed class MembershipResource() : ResourceType<MembershipView, MembershipAttributes>(Type)
{
    public const string Type = "organization-memberships";

    protected override IReadOnlyList<Relation<MembershipView>> Relations { get; } =
    [
        One("user", People.Type, view => InvitedUsers.IdOf(view.Membership)).Includable(),
        One("organization", OrganizationResource.Type, view => view.Organization),
        Found("teams", TeamResource.Type, TeamsOfAsync),
    ];

    protected override string IdOf(MembershipView row) => row.Membership.Id.Value;

    protected override IQueryable<MembershipView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new OrganizationMembershipId(id)).ToArray();
        return View(db.OrganizationMemberships.Where(membership => wanted.Contains(membership.Id)), db);
    }

    protected override MembershipAttributes Show(MembershipView row, HttpContext context) =>
        new(EnumText.Of(row.Membership.Status), row.Email, row.Membership.CreatedAt);

    public static IQueryable<MembershipView> View(IQueryable<OrganizationMembership> memberships, OrchestratorDbContext db) =>
        from membership in memberships
        join organization in db.Organizations on membership.OrganizationId equals organization.Id
        select new MembershipView
        {
            Membership = membership,
            Organization = organization.Name,
            Email = db.Users.Where(user => user.Id == membership.UserId).Select(user => user.Email).FirstOrDefault() ?? membership.Email,
        };

    private static async Task<ILookup<string, string>> TeamsOfAsync(
        OrchestratorDbContext db, IReadOnlyList<string> memberships, CancellationToken cancellationToken)
    {
        var wanted = memberships.Select(id => new OrganizationMembershipId(id)).ToArray();
        var found = await db.TeamMembers.Where(member => wanted.Contains(member.MembershipId)).ToListAsync(cancellationToken);
        return found.ToLookup(member => member.MembershipId.Value, member => member.TeamId.Value);
    }
}

/// <summary>Who belongs to an organisation, and who is invited to.</summary>
internal static class MembershipsApi
{
    public static void MapMemberships(this IEndpointRouteBuilder api)
    {
        const string ofOrganization = "/organizations/{organization}/organization-memberships";
        api.MapGet(ofOrganization, ListAsync)
            .Needs(OrganizationRight.Read).WithSummary("List the members of an organisation").ReturnsPage<MembershipResource>()
            .Query("q", "Part of an address or a username.").Query("filter[status]", "active or invited.").Query("filter[email]", "Whole addresses, with commas.");
        api.MapPost(ofOrganization, InviteAsync)
            .Needs(OrganizationRight.ManageMembership).WithSummary("Invite somebody into an organisation").Takes<MembershipRequest>().Creates<MembershipResource>();
        api.MapGet("/organization-memberships", (HttpContext context, OrchestratorDbContext db, MembershipResource memberships) =>
        {
            var own = Caller.Of(context).UserId;
            return memberships.ShowPageOrAllAsync(
                MembershipResource.View(db.OrganizationMemberships.AsNoTracking()
                    .Where(membership => own != null && membership.UserId == own).OrderBy(membership => membership.CreatedAt), db), context);
        }).NeedsAccount("one's own").WithSummary("List one's own memberships").ReturnsPage<MembershipResource>();
        api.MapGet("/organization-memberships/{id}", async (string id, HttpContext context, Admission admission, OrchestratorDbContext db, MembershipResource memberships) =>
        {
            var own = admission.Caller.UserId;
            var found = await db.OrganizationMemberships.AsNoTracking()
                .FirstOrDefaultAsync(row => row.Id == new OrganizationMembershipId(id), context.RequestAborted);
            return found is not null && (SeesAll(admission.At(new Scope(found.OrganizationId))) || (own is not null && found.UserId == own))
                ? await memberships.ShowAsync(id, context)
                : throw ApiProblem.NotFound();
        }).NeedsAccount("one's own, and those of organisations whose members the caller manages").WithSummary("Show a membership").Returns<MembershipResource>();
        api.MapDelete("/organization-memberships/{id}", DeleteAsync)
            .Needs(OrganizationRight.ManageMembership).WithSummary("Remove somebody from an organisation").ReturnsNothing();
    }

    public static ApiProblem Forbidden(string reason) => new(StatusCodes.Status403Forbidden, "forbidden", reason);

    private static async Task<IResult> ListAsync(HttpContext context, Admission admission, OrchestratorDbContext db, MembershipResource resources)
    {
        var memberships = db.OrganizationMemberships.AsNoTracking().Where(membership => membership.OrganizationId == admission.Scope.Organization);
        if (!SeesAll(admission))
        {
            var own = admission.Caller.UserId;
            memberships = memberships.Where(membership => own != null && membership.UserId == own);
        }
        if (context.Request.Filter("status") is { } status)
        {
            memberships = EnumText.TryParse<MembershipStatus>(status, out var wanted)
                ? memberships.Where(membership => membership.Status == wanted)
                : throw ApiProblem.BadRequest("'filter[status]' is 'active' or 'invited'.");
        }
        if (context.Request.FilterList("email") is { Count: > 0 } addresses)
        {
            var keys = addresses.Select(User.KeyOf).ToArray();
            memberships = memberships.Where(membership => keys.Contains(membership.EmailKey!)
                || db.Users.Any(user => user.Id == membership.UserId && keys.Contains(user.EmailKey!)));
        }
        if (context.Request.Query() is { } text)
        {
            var key = User.KeyOf(text);
            memberships = memberships.Where(membership => membership.EmailKey!.Contains(key)
                || db.Users.Any(user => user.Id == membership.UserId && (user.UsernameKey.Contains(key) || user.EmailKey!.Contains(key))));
        }
        return await resources.ShowPageAsync(
            MembershipResource.View(memberships.OrderBy(membership => membership.CreatedAt).ThenBy(membership => membership.Id), db), context);
    }

    private static async Task<IResult> InviteAsync(
        HttpContext context, Admission admission, OrchestratorDbContext db, Invitations invitations, InvitationMail mail, MembershipResource memberships,
        UserResource users)
    {
        var body = await context.Request.ReadResourceAsync<MembershipRequest>();
        var address = Names.IsEmail(body.Attributes!.Email)
            ? body.Attributes.Email!
            : throw ApiProblem.Invalid("email", "That is no e-mail address.");
        var wanted = (body.RelatedItems<NoAttributes>("teams") ?? []).Select(item => new TeamId(item.Id ?? "")).Distinct().ToArray();
        var teams = await db.Teams.AsNoTracking()
            .Where(team => wanted.Contains(team.Id) && team.OrganizationId == admission.Scope.Organization).ToListAsync(context.RequestAborted);
        if (teams.Count != wanted.Length || !teams.TrueForAll(team => admission.Of(team).HasFlag(TeamRight.ManageMembers)))
        {
            throw ApiProblem.InvalidRelationship("teams", "Name teams of the organization whose members you may choose.");
        }
        var invited = await invitations.InviteAsync(admission.Scope.Organization, address, wanted, context.RequestAborted);
        var membership = invited.Membership ?? throw ApiProblem.Invalid(invited.Field!, invited.Refusal!);
        await mail.SendAsync(membership, context);
        var view = await MembershipResource.View(db.OrganizationMemberships.AsNoTracking().Where(row => row.Id == membership.Id), db)
            .FirstAsync(context.RequestAborted);
        // Asked for or not: clients look at who it is.
        return new JsonApiResult(
            new Document(memberships.Map(view, context)) { Included = await users.LoadAsync([InvitedUsers.IdOf(membership)], context) },
            StatusCodes.Status201Created);
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext context, Admission admission, Memberships memberships) =>
        await memberships.RemoveAsync(
            new OrganizationMembershipId(id), admission.May(OrganizationRight.ManageOwners), admission.Caller.UserId, context.RequestAborted) is { } refusal
            ? throw Forbidden(refusal)
            : Results.NoContent();

    private static bool SeesAll(Admission admission) => admission.May(OrganizationRight.ManageMembership);
}
