using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Access;

/// <summary><c>Authorization: Bearer …</c>: the admin's token, a user's, a team's, an organisation's or a run's.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AdminToken admin, Principals people,
    ApiTokens tokens, RunTokens runs)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public new const string Scheme = "Bearer";

    private const string Prefix = "Bearer ";

    /// <summary>Null when the request shows none.</summary>
    public static string? TokenOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var header && header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
            ? header[Prefix.Length..].Trim() : null;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (TokenOf(Request) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }
        if (token.StartsWith(RunTokens.Prefix, StringComparison.Ordinal))
        {
            return await FindRunAsync(token) is { } known
                ? Accept(new Caller(Principal.Of(known)) { RunToken = known })
                : Fail("The run's token is not valid, or its phase is over.");
        }
        if (admin.Matches(token))
        {
            return await people.FindAsync(User.AdminId, Context.RequestAborted) is { } principal
                ? Accept(new Caller(principal with { HoldsKey = true }))
                : Fail("The admin's account is gone; the next start makes it anew.");
        }
        return await tokens.FindAsync(token, Context.RequestAborted) is { } found
            ? Accept(new Caller(found.Principal) { TokenId = found.Id })
            : Fail("The token is not valid, or not any more.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => JsonApiResult.Failed(new ApiProblem(
        StatusCodes.Status401Unauthorized, "unauthorized",
        "Send a valid token: 'Authorization: Bearer …'.")).ExecuteAsync(Context);

    /// <summary>Somebody known, who may not: the API does not tell what exists.</summary>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        JsonApiResult.Failed(ApiProblem.NotFound()).ExecuteAsync(Context);

    private ValueTask<RunToken?> FindRunAsync(string token) => HttpMethods.IsGet(Request.Method)
        ? runs.FindForReadingAsync(token, Context.RequestAborted)
        : new(runs.FindAsync(token, Context.RequestAborted));

    private AuthenticateResult Fail(string reason)
    {
        Context.Audit().Refuse(reason);
        return AuthenticateResult.Fail(reason);
    }

    private static AuthenticateResult Accept(Caller caller) =>
        AuthenticateResult.Success(new AuthenticationTicket(caller.ToClaims(Scheme), Scheme));
}
