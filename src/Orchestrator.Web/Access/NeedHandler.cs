using Microsoft.AspNetCore.Authorization;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Access;

/// <summary>Decides about a request before its handler runs, and leaves the handler an <see cref="Admission"/>.</summary>
internal sealed class NeedHandler(Standings standings) : AuthorizationHandler<Need>
{
    protected override async Task HandleRequirementAsync(AuthorizationHandlerContext context, Need requirement)
    {
        if (context.Resource is not HttpContext http || Caller.TryOf(http) is not { } caller)
        {
            return;
        }
        var standing = await standings.OfAsync(caller.Principal, caller.RunToken, http.RequestAborted);
        var scope = requirement.Find is { } find
            ? await find(http.RequestServices.GetRequiredService<OrchestratorDbContext>(), http.Request.RouteValues, http.RequestAborted)
            : Scope.Nowhere;
        if (scope is null)
        {
            return;
        }
        var admission = new Admission(caller, standing, scope);
        if (!requirement.IsMet(admission))
        {
            http.Audit().Scope = scope;
            http.Audit().Refuse(requirement.ToString());
            return;
        }
        http.Features.Set(admission);
        context.Succeed(requirement);
    }
}
