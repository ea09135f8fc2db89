using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Orchestrator.Web.Tests.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

/// <summary>The description of the API for programs and for readers.</summary>
public sealed class OpenApiTests
{
    private const string JsonApi = "application/vnd.api+json";

    [Fact]
    public async Task Every_route_says_what_it_is_for_and_what_it_answers()
    {
        var platform = await SharedPlatforms.OfAsync();
        var paths = (await DocumentAsync(platform))["paths"]!;

        foreach (var route in ApiRoute.AllOf(platform))
        {
            var operation = paths[route.Pattern]?[route.Method.Method.ToLowerInvariant()];
            Assert.True(operation is not null, $"{route} is not described.");
            var summary = operation["summary"]?.GetValue<string>();
            Assert.True(summary is { Length: > 0 and <= 80 } && !summary.EndsWith('.'), $"{route} needs .WithSummary(\"One short line\").");
            var answers = operation["responses"]!.AsObject().Where(answer => answer.Key[0] == '2').ToList();
            Assert.True(answers.Count > 0, $"{route} needs .Returns<…>(), .ReturnsNothing() or the like.");
            Assert.All(answers, answer => Assert.True(
                answer.Key is "204" or "202" || answer.Value!["content"] is not null || route.Method == HttpMethod.Put, $"{route} answers {answer.Key} with what?"));
            Assert.NotNull(operation["responses"]!["4XX"]!["content"]![JsonApi]!["schema"]);
            Assert.Equal(
                route.Parameters.Order(StringComparer.Ordinal),
                (operation["parameters"]?.AsArray() ?? []).Where(parameter => parameter!["in"]!.GetValue<string>() == "path")
                    .Select(parameter => parameter!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task The_description_is_valid_to_other_programs()
    {
        var platform = await SharedPlatforms.OfAsync();
        var text = (await platform.Anonymous.GetAsync("/openapi/v1.json")).Expect(200).Text;

        var read = OpenApiDocument.Parse(text, "json");

        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Document!.Validate(ValidationRuleSet.GetDefaultRuleSet()));
    }

    [Fact]
    public async Task What_a_list_can_be_asked_is_described()
    {
        var platform = await SharedPlatforms.OfAsync();

        var list = (await DocumentAsync(platform))["paths"]!["/api/v2/organizations/{organization}/workspaces"]!["get"]!;

        var names = list["parameters"]!.AsArray().Select(parameter => parameter!["name"]!.GetValue<string>()).ToList();
        foreach (var expected in new[] { "page[number]", "page[size]", "include", "fields[workspaces]", "sort", "search[name]", "filter[project][id]" })
        {
            Assert.Contains(expected, names);
        }
    }

    /// <summary>The committed documents are what the server answers; this is what it says it does.</summary>
    [Fact]
    public async Task The_committed_documents_are_as_described()
    {
        var platform = await SharedPlatforms.OfAsync();
        var schemas = (await DocumentAsync(platform))["components"]!["schemas"]!;
        var compared = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Documents"), "*.json"))
        {
            var document = JsonNode.Parse(await File.ReadAllTextAsync(file))!;
            foreach (var resource in ResourcesOf(document))
            {
                var type = resource["type"]!.GetValue<string>();
                var schema = schemas[type];
                Assert.True(schema is not null, $"{Path.GetFileName(file)} has {type}, which are not described.");
                AssertFits(resource["attributes"]!, schema["properties"]!["attributes"]!, $"{Path.GetFileName(file)}: {type}");
                // A document that only one route gives declares no relations.
                if (schema["properties"]!["relationships"]!["properties"] is { } relations)
                {
                    Assert.All(resource["relationships"]?.AsObject() ?? [], relation => Assert.NotNull(relations[relation.Key]));
                }
                compared++;
            }
        }
        Assert.True(compared > 30);
    }

    private static IEnumerable<JsonNode> ResourcesOf(JsonNode document)
    {
        var data = document["data"] switch
        {
            JsonArray list => list.OfType<JsonNode>(),
            { } one => [one],
            null => [],
        };
        return data.Concat(document["included"]?.AsArray().OfType<JsonNode>() ?? []);
    }

    private static void AssertFits(JsonNode? value, JsonNode schema, string where)
    {
        var types = schema["type"] switch
        {
            JsonArray several => several.Select(type => type!.GetValue<string>()).ToArray(),
            { } one => [one.GetValue<string>()],
            null => null,
        };
        var isMasked = value?.GetValueKind() == System.Text.Json.JsonValueKind.String && value.GetValue<string>().StartsWith('<');
        if (types is null || isMasked)
        {
            return;
        }
        var actual = value?.GetValueKind() switch
        {
            null => "null",
            System.Text.Json.JsonValueKind.String => "string",
            System.Text.Json.JsonValueKind.Number => "integer",
            System.Text.Json.JsonValueKind.Array => "array",
            System.Text.Json.JsonValueKind.Object => "object",
            _ => "boolean",
        };
        Assert.True(types.Contains(actual), $"{where} is {actual}, and described as {string.Join(" or ", types)}.");
        if (value is JsonObject members)
        {
            foreach (var (name, member) in members)
            {
                var described = schema["properties"]?[name] ?? schema["additionalProperties"];
                Assert.True(described is not null, $"{where}/{name} is not described.");
                AssertFits(member, described, $"{where}/{name}");
            }
        }
        if (value is JsonArray items)
        {
            Assert.All(items, item => AssertFits(item, schema["items"]!, $"{where}[]"));
        }
    }

    private static async Task<JsonNode> DocumentAsync(Platform platform) => (await platform.Anonymous.GetAsync("/openapi/v1.json")).Expect(200).Json;
}
