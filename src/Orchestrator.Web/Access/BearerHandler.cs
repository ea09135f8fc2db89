using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Access;

/// <summary><c>Authorization: Bearer …</c>: the admin's token, or a run's.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, AdminToken admin, RunTokens runs)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public new const string Scheme = "Bearer";

    private const string Prefix = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }
        var token = header[Prefix.Length..].Trim();
        if (token.StartsWith(RunTokens.Prefix, StringComparison.Ordinal))
        {
            return await runs.FindAsync(token, Context.RequestAborted) is { } known
                ? Accept(Caller.Run(known, Scheme))
                : AuthenticateResult.Fail("The run's token is not valid, or its phase is over.");
        }
        return admin.Matches(token)
            ? Accept(Caller.Admin(Scheme))
            : AuthenticateResult.Fail("The token is not valid.");
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties) => JsonApiResult.Failed(new ApiProblem(
        StatusCodes.Status401Unauthorized, "unauthorized",
        "Send a valid token: 'Authorization: Bearer …'.")).ExecuteAsync(Context);

    /// <summary>Somebody known, who may not: the API does not tell what exists.</summary>
    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        JsonApiResult.Failed(ApiProblem.NotFound()).ExecuteAsync(Context);

    private static AuthenticateResult Accept(System.Security.Claims.ClaimsPrincipal principal) =>
        AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme));
}
