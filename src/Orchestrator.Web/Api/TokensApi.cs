using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record TokenCreateRequest
{
    public string? Description { get; init; }

    public DateTimeOffset? ExpiredAt { get; init; }
}

/// <summary>Tokens of people, teams and organisations. A token is told once, when it is made.</summary>
internal static class TokensApi
{
    public static void MapTokens(this IEndpointRouteBuilder api)
    {
        const string ofUser = "/users/{id}/authentication-tokens";
        const string ofTeam = "/teams/{id}/authentication-token";
        const string ofOrganization = "/organizations/{organization}/authentication-token";
        api.MapGet(ofUser, (string id, HttpContext context, OrchestratorDbContext db, TokenResource tokens) =>
        {
            // Other people's are none of the caller's business, and how many there are is not, either.
            var own = Caller.Of(context).UserId;
            return tokens.ShowPageOrAllAsync(
                TokenResource.View(Newest(db.ApiTokens.Where(token => token.UserId == own && own != null && token.UserId == new UserId(id)))), context);
        }).NeedsAccount("one's own").WithSummary("List one's own tokens").ReturnsPage<TokenResource>();
        api.MapPost(ofUser, async (string id, HttpContext context, ApiTokens issuer, TokenResource tokens, TimeProvider clock) =>
            Caller.Of(context).UserId is { } own && own.Value == id
                ? await ShowAsync(await issuer.IssueAsync(own, await ReadAsync(context, clock), context.RequestAborted), tokens, context)
                : throw ApiProblem.NotFound())
            .NeedsAccount("for oneself").WithSummary("Create a token of one's own").Takes<TokenCreateRequest>().Creates<TokenResource>();

        api.MapGet(ofTeam, (HttpContext context, Admission admission, OrchestratorDbContext db, TokenResource tokens) => ShowOneAsync(
                db.ApiTokens.Where(token => token.TeamId == admission.Scope.Team!.Id && token.Description == null), tokens, context))
            .Needs(TeamRight.ManageTokens).WithSummary("Show the token of a team that has no description").Returns<TokenResource>();
        api.MapPost(ofTeam, async (HttpContext context, Admission admission, ApiTokens issuer, TokenResource tokens, TimeProvider clock) =>
            await ShowAsync(
                await issuer.IssueAsync(
                    admission.Scope.Team!.Id, (await ReadAsync(context, clock)) with { Description = null }, context.RequestAborted), tokens, context))
            .Needs(TeamRight.ManageTokens).WithSummary("Create the token of a team, in place of the one before").Takes<TokenCreateRequest>().Creates<TokenResource>();
        api.MapDelete(ofTeam, (HttpContext context, Admission admission, ApiTokens issuer) => RevokeAsync(
                issuer, all => all.Where(token => token.TeamId == admission.Scope.Team!.Id && token.Description == null), context))
            .Needs(TeamRight.ManageTokens).WithSummary("Revoke the token of a team").ReturnsNothing();
        api.MapGet(ofTeam + "s", (HttpContext context, Admission admission, OrchestratorDbContext db, TokenResource tokens) => tokens.ShowPageAsync(
                TokenResource.View(Newest(db.ApiTokens.Where(token => token.TeamId == admission.Scope.Team!.Id))), context))
            .Needs(TeamRight.ManageTokens).WithSummary("List the tokens of a team").ReturnsPage<TokenResource>();
        api.MapPost(ofTeam + "s", CreateForTeamAsync)
            .Needs(TeamRight.ManageTokens).WithSummary("Create one of a team's tokens").Takes<TokenCreateRequest>().Creates<TokenResource>();
        api.MapGet("/organizations/{organization}/team-tokens", (HttpContext context, Admission admission, OrchestratorDbContext db, TokenResource tokens) =>
            tokens.ShowPageAsync(
                TokenResource.View(Newest(db.ApiTokens.Where(token =>
                    db.Teams.Any(team => team.Id == token.TeamId && team.OrganizationId == admission.Scope.Organization)))), context))
            .Needs(OrganizationRight.ManageTeamTokens).WithSummary("List the tokens of an organisation's teams").ReturnsPage<TokenResource>();

        api.MapGet(ofOrganization, (HttpContext context, Admission admission, OrchestratorDbContext db, TokenResource tokens) => ShowOneAsync(
                db.ApiTokens.Where(token => token.OrganizationId == admission.Scope.Organization), tokens, context))
            .Needs(OrganizationRight.ManageOrganizationToken).WithSummary("Show the token of an organisation").Returns<TokenResource>();
        api.MapPost(ofOrganization, async (HttpContext context, Admission admission, ApiTokens issuer, TokenResource tokens, TimeProvider clock) =>
            await ShowAsync(await issuer.IssueAsync(admission.Scope.Organization, await ReadAsync(context, clock), context.RequestAborted), tokens, context))
            .Needs(OrganizationRight.ManageOrganizationToken).WithSummary("Create the token of an organisation, in place of the one before")
            .Takes<TokenCreateRequest>().Creates<TokenResource>();
        api.MapDelete(ofOrganization, (HttpContext context, Admission admission, ApiTokens issuer) => RevokeAsync(
                issuer, all => all.Where(token => token.OrganizationId == admission.Scope.Organization), context))
            .Needs(OrganizationRight.ManageOrganizationToken).WithSummary("Revoke the token of an organisation").ReturnsNothing();

        api.MapGet("/authentication-tokens/{id}", async (string id, HttpContext context, OrchestratorDbContext db, TokenResource tokens) =>
            await tokens.ShowAsync(new TokenView(await FindAsync(id, context, db)), context))
            .NeedsAccount("those that the caller keeps").WithSummary("Show a token, without its text").Returns<TokenResource>();
        api.MapDelete("/authentication-tokens/{id}", async (string id, HttpContext context, OrchestratorDbContext db, ApiTokens issuer) =>
        {
            var found = await FindAsync(id, context, db);
            return await RevokeAsync(issuer, all => all.Where(token => token.Id == found.Id), context);
        }).NeedsAccount("those that the caller keeps").WithSummary("Revoke a token").ReturnsNothing();
    }

    private static async Task<IResult> CreateForTeamAsync(
        HttpContext context, Admission admission, OrchestratorDbContext db, ApiTokens issuer, TokenResource tokens, TimeProvider clock)
    {
        var wanted = await ReadAsync(context, clock);
        var team = admission.Scope.Team!.Id;
        if (wanted.Description is null)
        {
            throw ApiProblem.Invalid("description", "Each of a team's tokens has a description; the one without has a route of its own.");
        }
        return await db.ApiTokens.AnyAsync(token => token.TeamId == team && token.Description == wanted.Description, context.RequestAborted)
            ? throw ApiProblem.Invalid("description", "Description has already been taken")
            : await ShowAsync(await issuer.IssueAsync(team, wanted, context.RequestAborted), tokens, context);
    }

    /// <summary>One's own; a team's, for those who keep them; an organisation's, for its owners.</summary>
    private static async Task<ApiToken> FindAsync(string id, HttpContext context, OrchestratorDbContext db)
    {
        var admission = Admission.Of(context);
        var token = await db.ApiTokens.AsNoTracking().FirstOrDefaultAsync(row => row.Id == new ApiTokenId(id), context.RequestAborted);
        var keeps = token switch
        {
            null => false,
            { UserId: { } user } => admission.Caller.IsSiteAdmin || admission.Caller.UserId == user,
            { OrganizationId: { } organization } => admission.Standing.In(organization).HasFlag(OrganizationRight.ManageOrganizationToken),
            { TeamId: { } team } => await db.FindAsync(team, context.RequestAborted) is { } scope && admission.At(scope).May(TeamRight.ManageTokens),
            _ => false,
        };
        return keeps ? token! : throw ApiProblem.NotFound();
    }

    private static async Task<TokenRequest> ReadAsync(HttpContext context, TimeProvider clock)
    {
        // Clients send nothing at all when they want nothing in particular.
        var wanted = (await context.Request.ReadPlainAsync<RequestDocument<TokenCreateRequest>>()).Data?.Attributes ?? new TokenCreateRequest();
        if (wanted.Description is { Length: > ApiToken.MaxDescriptionLength })
        {
            throw ApiProblem.Invalid("description", $"A description has {ApiToken.MaxDescriptionLength} characters at most.");
        }
        if (wanted.ExpiredAt <= clock.GetUtcNow())
        {
            throw ApiProblem.Invalid("expired-at", "A token expires in the future.");
        }
        return new TokenRequest(Caller.Of(context).Actor, string.IsNullOrWhiteSpace(wanted.Description) ? null : wanted.Description, wanted.ExpiredAt);
    }

    private static IQueryable<ApiToken> Newest(IQueryable<ApiToken> tokens) =>
        tokens.AsNoTracking().OrderByDescending(token => token.CreatedAt).ThenBy(token => token.Id);

    private static Task<JsonApiResult> ShowAsync(IssuedToken issued, TokenResource tokens, HttpContext context) =>
        tokens.ShowNewAsync(new TokenView(issued.Token, issued.Text), context);

    private static async Task<IResult> ShowOneAsync(IQueryable<ApiToken> tokens, TokenResource resource, HttpContext context) =>
        await tokens.AsNoTracking().FirstOrDefaultAsync(context.RequestAborted) is { } token
            ? await resource.ShowAsync(new TokenView(token), context)
            : throw ApiProblem.NotFound();

    private static async Task<IResult> RevokeAsync(ApiTokens issuer, Func<IQueryable<ApiToken>, IQueryable<ApiToken>> which, HttpContext context) =>
        await issuer.RevokeAsync(which, context.RequestAborted) > 0 ? Results.NoContent() : throw ApiProblem.NotFound();
}
