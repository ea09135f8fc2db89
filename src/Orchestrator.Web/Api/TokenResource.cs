using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="Token">The token itself, once: in the answer to its creation.</param>
public sealed record TokenAttributes(
    DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, string? Description, string? Token, DateTimeOffset? ExpiredAt);

/// <summary>A token, and its text where that is to be told.</summary>
public sealed class TokenView(ApiToken token, string? text = null)
{
    public ApiToken Token => token;

    public string? Text => text;
}

internal sealed class TokenResource() : ResourceType<TokenView, TokenAttributes>(Type)
{
    public const string Type = "authentication-tokens";

    protected override IReadOnlyList<Relation<TokenView>> Relations { get; } =
    [
        One("created-by", People.Type, view => ServiceUsers.UserIdOf(view.Token.CreatedById)).Includable(),
        One("team", TeamResource.Type, view => view.Token.TeamId?.Value).Includable(),
    ];

    protected override string IdOf(TokenView row) => row.Token.Id.Value;

    protected override IQueryable<TokenView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new ApiTokenId(id)).ToArray();
        return View(db.ApiTokens.Where(token => wanted.Contains(token.Id)));
    }

    protected override TokenAttributes Show(TokenView row, HttpContext context) =>
        new(row.Token.CreatedAt, row.Token.LastUsedAt, row.Token.Description, row.Text, row.Token.ExpiredAt);

    public static IQueryable<TokenView> View(IQueryable<ApiToken> tokens) => tokens.Select(token => new TokenView(token, null));
}
