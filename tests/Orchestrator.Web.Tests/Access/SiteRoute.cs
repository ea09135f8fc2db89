using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Orchestrator.Web.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>A route outside the API, as the application has mapped it.</summary>
/// <param name="Method">Upper-case; a page has two.</param>
internal sealed record SiteRoute(string Method, RouteEndpoint Endpoint)
{
    private const string OfThisTest = "nobody-said-who-may";

    public string Pattern => Endpoint.RoutePattern.RawText!;

    public bool IsAnonymous => Endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null;

    public Need? Need => Endpoint.Metadata.GetMetadata<Need>();

    /// <summary>It renders, and takes its forms itself.</summary>
    public bool IsPage => Endpoint.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;

    public bool IsForEveryUser => Endpoint.Metadata.GetMetadata<ForEveryUserAttribute>() is not null;

    public bool WantsForm => Endpoint.Metadata.GetMetadata<IAntiforgeryMetadata>() is { RequiresValidation: true };

    /// <summary>Without the site's own files, which are all alike.</summary>
    public static IReadOnlyList<SiteRoute> AllOf(Platform platform) =>
    [
        .. platform.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => !endpoint.RoutePattern.RawText!.StartsWith("/api/v2/", StringComparison.Ordinal)
                && !endpoint.RoutePattern.RawText.Contains(OfThisTest, StringComparison.Ordinal)
                && endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is null
                // Of the development server, for files that the build does not know. It says nothing about rights, so it is closed.
                && endpoint.RoutePattern.RawText != "{**path:file}")
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                .Where(method => method != HttpMethods.Head).Select(method => new SiteRoute(method, endpoint)))
            .OrderBy(route => route.Pattern, StringComparer.OrdinalIgnoreCase).ThenBy(route => route.Method, StringComparer.Ordinal),
    ];

    public override string ToString() => $"{Method} {Pattern}";
}
