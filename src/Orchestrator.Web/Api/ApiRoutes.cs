using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Api;

/// <summary>The HCP Terraform API v2, under <c>/api/v2</c>.</summary>
internal static class ApiRoutes
{
    public const string Root = "/api/v2";

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup(Root).AddEndpointFilter(AnswerProblemsAsync);

        RouteRules.Apply(api);
        var state = api.MapGroup("").RequireAuthorization(Rights.ApiPolicy);
        state.MapPing();
        state.MapEntitlements();
        state.MapWorkspaceReads();
        state.MapStateVersions();
        state.MapCurrentOutputs();

        var all = api.MapGroup("").RequireAuthorization(Rights.ApiPolicy);
        all.MapAccount();
        all.MapTokens();
        all.MapTeams();
        all.MapMemberships();
        all.MapMemberAccess();
        all.MapTeamWorkspaces();
        all.MapTeamProjects();
        all.MapOrganizations();
        all.MapDataRetention();
        all.MapProjects();
        all.MapWorkspaces();
        all.MapWorkspaceLocks();
        all.MapDivergedStates();
        all.MapWorkspaceResources();
        all.MapTags();
        all.MapTagBindings();
        all.MapReservedTagKeys();
        all.MapRemoteStateConsumers();
        all.MapSshKeys();
        all.MapOAuthClients();
        all.MapGitHubApps();
        all.MapVcsEvents();
        all.MapAgentPools();
        all.MapVariables();
        all.MapEffectiveVariables();
        all.MapVariableSets();
        all.MapCredentialTrials();
        all.MapCredentialTrusts();
        all.MapConfigurationVersions();
        all.MapRuns();
        all.MapRunLists();
        all.MapComments();
        all.MapRunTriggers();
        all.MapNotifications();
        all.MapPlansAndApplies();
        all.MapStateHistory();
        all.MapStateOutputs();
        all.MapCredentialPolicies();
        all.MapCredentialSettings();
        all.MapCredentialGrants();
        all.MapAuditTrail();

        var site = api.MapGroup("").RequireAuthorization(Rights.ApiPolicy);
        site.MapOidcSettings();

        // These carry their proof in the link, and many who follow a log may share one address.
        var links = api.MapGroup("").AllowAnonymous().DisableRateLimiting();
        links.MapUploads();
        links.MapLogs();

        api.MapUnknownRoutes();
    }

    private static async ValueTask<object?> AnswerProblemsAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (context.HttpContext.Request.QueryString.Value!.Contains("%00", StringComparison.Ordinal))
        {
            return JsonApiResult.Failed(ApiProblem.BadRequest("A query holds no NUL."));
        }
        try
        {
            return await next(context);
        }
        catch (ApiProblem problem)
        {
            if (problem.IsRefusal)
            {
                context.HttpContext.Audit().Refuse();
            }
            return JsonApiResult.Failed(problem);
        }
        catch (DbUpdateException overtaken) when (overtaken.WasOvertaken())
        {
            return JsonApiResult.Failed(ApiProblem.Conflict("It, or what it belongs to, was deleted meanwhile."));
        }
        catch (BadHttpRequestException broken)
        {
            return JsonApiResult.Failed(new ApiProblem(broken.StatusCode, "bad request", "The request could not be read to its end."));
        }
    }
}
