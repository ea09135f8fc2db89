using Microsoft.AspNetCore.Routing.Template;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>Whatever is no route of the API: nothing at all, or nothing by this method.</summary>
internal static class UnknownRoutes
{
    public static void MapUnknownRoutes(this IEndpointRouteBuilder api) => api
        .Map("/{**rest}", IResult (HttpContext context, EndpointDataSource routes) => JsonApiResult.Failed(Explain(context, routes)))
        .RequireAuthorization()
        .NeedsAnyToken()
        .ExcludeFromDescription();

    private static ApiProblem Explain(HttpContext context, EndpointDataSource routes)
    {
        var methods = MethodsOf(context.Request.Path, routes);
        if (methods.Count == 0)
        {
            return ApiProblem.NotFound();
        }
        context.Response.Headers.Allow = string.Join(", ", methods);
        return new ApiProblem(
            StatusCodes.Status405MethodNotAllowed, "method not allowed", $"Here is nothing to {context.Request.Method}, only to {string.Join(" or ", methods)}.");
    }

    private static List<string> MethodsOf(PathString path, EndpointDataSource routes) =>
    [
        .. routes.Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith(ApiRoutes.Root, StringComparison.Ordinal)
                && new TemplateMatcher(new RouteTemplate(endpoint.RoutePattern), new RouteValueDictionary()).TryMatch(path, new RouteValueDictionary()))
            .SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [])
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];
}
