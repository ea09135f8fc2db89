using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="Username">Null for somebody who is invited and has no account yet.</param>
/// <param name="Email">Told to the person alone; of somebody who is invited, to those who may invite.</param>
public sealed record UserAttributes(
    string? Username, string? Email, string? UnconfirmedEmail, string? AvatarUrl, bool IsServiceAccount, string AuthMethod, bool V2Only,
    bool IsSiteAdmin, bool IsAdmin, bool IsSsoLogin, UserTwoFactor TwoFactor, UserPermissions Permissions);

public sealed record UserTwoFactor(bool Enabled, bool Verified);

public sealed record UserPermissions(
    bool CanCreateOrganizations, bool CanChangeEmail, bool CanChangeUsername, bool CanManageUserTokens,
    [property: System.Text.Json.Serialization.JsonPropertyName("can-view2fa-settings")] bool CanView2faSettings, bool CanManageHcpAccount);

/// <summary>An account, or whoever acts for a team's or an organisation's token.</summary>
/// <param name="Bearer">The id of the team or organisation; null for a person.</param>
public sealed record UserView(string Id, string Username, string? Email, string? EmailKey, bool IsSiteAdmin, string? Bearer = null)
{
    /// <summary>Looked up for the person alone.</summary>
    public bool HasAuthenticator { get; init; }

    /// <summary>The address of somebody who is invited and has no account yet.</summary>
    public string? Invited { get; init; }

    public static UserView Of(User user) => new(user.Id.Value, user.Username, user.Email, user.EmailKey, user.IsSiteAdmin);
}

internal sealed class UserResource() : ResourceType<UserView, UserAttributes>(People.Type)
{
    protected override IReadOnlyList<Relation<UserView>> Relations { get; } =
    [
        Either("authenticated-resource", [People.Type, TeamResource.Type, OrganizationResource.Type], view => view.Bearer switch
        {
            // Not by the id: it is the person, and one who is included would be included in a circle.
            null => Relationship.Link($"{ApiRoutes.Root}/{People.Type}/{view.Id}"),
            _ when view.Bearer.StartsWith(TeamId.Prefix, StringComparison.Ordinal) => Relationship.One(TeamResource.Type, view.Bearer),
            _ => Relationship.One(OrganizationResource.Type, view.Username[(Names.ServiceUserPrefix + "org-").Length..]),
        }),
    ];

    protected override string IdOf(UserView row) => row.Id;

    protected override IQueryable<UserView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new UserId(id)).ToArray();
        return db.Users.Where(user => wanted.Contains(user.Id))
            .Select(user => new UserView(user.Id.Value, user.Username, user.Email, user.EmailKey, user.IsSiteAdmin, null));
    }

    /// <summary>People, and those who are invited. The others who act as users are found by their teams and organisations.</summary>
    protected override async Task<List<UserView>> FindAsync(IReadOnlyList<string> ids, HttpContext context)
    {
        var found = await base.FindAsync(ids, context);
        var known = found.Select(user => user.Id).ToHashSet(StringComparer.Ordinal);
        OrganizationMembershipId[] unknown = [.. ids.Where(id => !known.Contains(id)).Select(InvitedUsers.MembershipOf)];
        if (unknown.Length > 0)
        {
            var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
            var invited = await db.OrganizationMemberships.AsNoTracking().Where(row => unknown.Contains(row.Id) && row.UserId == null)
                .Select(row => new { row.Id, row.Email }).ToListAsync(context.RequestAborted);
            found.AddRange(invited.Select(row => new UserView(InvitedUsers.IdOf(row.Id), "", null, null, false) { Invited = row.Email }));
        }
        return found;
    }

    protected override UserAttributes Show(UserView row, HttpContext context)
    {
        var caller = Caller.Of(context);
        var own = caller.Principal.Kind == PrincipalKind.User && caller.Principal.Id == row.Id;
        var confirmed = row.Email is null || row.EmailKey is not null;
        return new UserAttributes(
            row.Invited is null ? row.Username : null, row.Invited ?? (own && confirmed ? row.Email : null), own && !confirmed ? row.Email : null, AvatarUrl: null, row.Bearer is not null,
            "tfc", V2Only: false, row.IsSiteAdmin, row.IsSiteAdmin, IsSsoLogin: false, new UserTwoFactor(row.HasAuthenticator, row.HasAuthenticator),
            new UserPermissions(own && row.IsSiteAdmin, own, own, own, own, false));
    }
}
