using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Access;

/// <summary>A route as the application has mapped it.</summary>
internal sealed partial record ApiRoute(HttpMethod Method, string Pattern, bool IsAnonymous)
{
    private const string OfThisTest = "nobody-said-who-may";

    public static IReadOnlyList<ApiRoute> AllOf(Platform platform) =>
    [
        .. platform.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/v2/", StringComparison.Ordinal)
                && !endpoint.RoutePattern.RawText.Contains(OfThisTest, StringComparison.Ordinal)
                && !endpoint.RoutePattern.RawText.Contains("{*", StringComparison.Ordinal))
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method => new ApiRoute(
                new HttpMethod(method), endpoint.RoutePattern.RawText!, endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null))),
    ];

    /// <summary>The path with a value for each of its parameters. An <c>id</c> is named after what it is the id of.</summary>
    public string Path(Func<string, string> valueOf) => Parameter().Replace(Pattern, match =>
        valueOf(match.Groups["name"].Value == "id" ? match.Groups["kind"].Value : match.Groups["name"].Value) is var value
            ? $"{match.Groups["kind"].Value}/{value}"
            : "");

    public IEnumerable<string> Parameters => Parameter().Matches(Pattern).Select(match => match.Groups["name"].Value);

    public override string ToString() => $"{Method} {Pattern}";

    [GeneratedRegex(@"(?<kind>[a-z-]+)/\{(?<name>[a-z]+)\}")]
    private static partial Regex Parameter();
}
