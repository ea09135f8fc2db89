using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Access;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The revoke buttons beside one's own tokens.</summary>
internal static class TokenForms
{
    public static void MapTokenForms(this IEndpointRouteBuilder site) =>
        site.MapPost($"{Links.Tokens}/{{id}}/revoke", RevokeAsync).WithMetadata(new ForEveryUserAttribute()).RequireForm();

    private static async Task<IResult> RevokeAsync(string id, HttpContext context, ApiTokens tokens)
    {
        var (token, user) = (new ApiTokenId(id), Caller.Of(context).UserId);
        var revoked = await tokens.RevokeAsync(all => all.Where(row => row.Id == token && row.UserId == user), context.RequestAborted);
        (revoked == 1
            ? Notice.Done("Revoked: whoever shows that token is refused from now on.")
            : Notice.Refused("There is no such token of yours any more.")).Leave(context);
        return Results.LocalRedirect(Links.Tokens);
    }
}
