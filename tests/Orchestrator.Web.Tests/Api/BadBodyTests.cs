using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Orchestrator.Web.Api;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Tests.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

/// <summary>Every route that takes a body, in front of things that exist, with bodies that it cannot take.</summary>
public sealed class BadBodyTests
{
    private static readonly string[] Unreadable = ["{", "{\"data\":", "no JSON", "{\"data\":{}} more", "[]", "[{}]", "7", "\"text\""];

    [Fact]
    public async Task No_route_takes_a_body_that_is_no_document()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mine = await RunTokenTests.WithStateAsync(platform);
        var wrong = new List<string>();
        foreach (var (route, _) in Writing(platform))
        {
            foreach (var body in Unreadable)
            {
                await CheckAsync(platform, route, mine, body, status => status == 400, wrong);
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task No_route_takes_an_attribute_of_another_type()
    {
        var platform = await SharedPlatforms.OfAsync();
        var mine = await RunTokenTests.WithStateAsync(platform);
        var (wrong, tried) = (new List<string>(), 0);
        foreach (var (route, body) in Writing(platform))
        {
            foreach (var (name, type) in AttributesOf(body))
            {
                foreach (var value in OtherThan(type))
                {
                    var attributes = new JsonObject { [name] = JsonNode.Parse(value) };
                    var document = body.IsDocument ? new JsonObject { ["data"] = new JsonObject { ["attributes"] = attributes } } : attributes;
                    await CheckAsync(platform, route, mine, document.ToJsonString(), status => status == (body.IsDocument ? 422 : 400), wrong,
                        body.IsDocument ? $"/data/attributes/{name}" : null);
                    tried++;
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(tried > 100, $"Only {tried} attributes were found.");
    }

    private static IEnumerable<(ApiRoute Route, BodyDescription Body)> Writing(Platform platform) =>
        from route in ApiRoute.AllOf(platform)
        where !route.IsAnonymous
        let body = platform.Get<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Single(endpoint => endpoint.RoutePattern.RawText == route.Pattern
                && (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Contains(route.Method.Method))
            .Metadata.GetMetadata<BodyDescription>()
        where body?.Type is not null
        select (route, body);

    private static IEnumerable<(string Name, Type Type)> AttributesOf(BodyDescription body) => body.Type == typeof(ResourceIdentifier)
        ? []
        : ApiJson.Options.GetTypeInfo(body.Type!).Properties
            .Select(property => (property.Name, Bare(property.PropertyType)))
            // Anything may stand there.
            .Where(property => property.Item2 != typeof(JsonElement) && property.Item2 != typeof(object));

    private static Type Bare(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() is var generic
        && (generic == typeof(Optional<>) || generic == typeof(Nullable<>))
            ? Bare(type.GetGenericArguments()[0])
            : type;

    private static string[] OtherThan(Type type) => type switch
    {
        _ when type == typeof(string) => ["7", "true", "[\"a\"]", "{\"a\":1}"],
        _ when type == typeof(bool) => ["7", "\"yes\"", "[true]", "{\"a\":1}"],
        _ when type.IsPrimitive => ["\"x\"", "true", "[7]", "{\"a\":1}"],
        _ when type.IsAssignableTo(typeof(System.Collections.IEnumerable)) => ["7", "\"x\"", "true"],
        _ => ["7", "\"x\"", "true", "[1]"],
    };

    private static async Task CheckAsync(
        Platform platform, ApiRoute route, RunTokenTests.Everything mine, string body, Predicate<int> isRight, List<string> wrong, string? pointer = null)
    {
        // People make tokens for themselves alone.
        var path = route.Pattern.EndsWith("/users/{id}/authentication-tokens", StringComparison.Ordinal)
            ? $"users/{(await platform.Api.GetAsync("account/details")).Expect(200).Id}/authentication-tokens"
            : mine.PathOf(route);
        var answer = await platform.Api.SendTextAsync(route.Method, path, body);
        if (!isRight(answer.Status) || (pointer is not null && answer.Pointer?.StartsWith(pointer, StringComparison.Ordinal) != true))
        {
            wrong.Add($"{route} with {body} answered {answer.Status} {answer.Text}");
            return;
        }
        answer.ExpectError(answer.Status);
        if (string.IsNullOrEmpty(answer.Error["detail"]?.GetValue<string>()))
        {
            wrong.Add($"{route} with {body} does not say what is wrong");
        }
    }
}
