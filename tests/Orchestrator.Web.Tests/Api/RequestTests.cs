using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Tests.Access;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Api;

/// <summary>Whatever arrives as a body, its sender learns what is wrong with it. <c>Requests/</c> keeps what has been worth remembering.</summary>
public sealed class RequestTests
{
    private static readonly string[] Names =
    [
        "data", "type", "id", "attributes", "relationships", "name", "key", "value", "workspace", "project", "tag-bindings", "variables",
        "auto-apply", "serial", "reason", "comment", "phase", "trust-policy", "\\u0000", "\\ud800", "é", "",
    ];

    private static readonly Gen<string> Name = Gen.OneOf(Names);

    private static readonly Gen<string> Scalar = Gen.OneOf(
        Gen.OneOf("null", "true", "false", "0", "-1", "1.5", "1e400", "99999999999999999999", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00x\""),
        Gen.Int.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        Gen.String[Gen.Char["ab-_/.\\\"{}[]:,é\u0001"], 0, 8].Select(text => JsonSerializer.Serialize(text)));

    private static readonly Gen<string> Value = Gen.Recursive<string>((depth, self) => depth > 5 ? Scalar : Gen.OneOf(
        Scalar,
        self.Array[0, 3].Select(items => $"[{string.Join(',', items)}]"),
        Gen.Select(Name, self).Array[0, 4].Select(Object)));

    /// <summary>Documents that come near to what is expected, at every level, and now and then lose or gain a character.</summary>
    private static readonly Gen<string> Body = Gen.Select(
        Gen.Select(Name, Value).Array[0, 5], Gen.Select(Name, Value).Array[0, 4], Value, Gen.Int[0, 9], Gen.Int[0, 400], Gen.Char,
        (attributes, relationships, anything, shape, at, added) => shape switch
        {
            0 => anything,
            1 => Object([("data", anything)]),
            2 => Broken(Document(attributes, relationships), at, added),
            3 => Object([("data", $"[{Object(attributes)},{anything}]")]),
            _ => Document(attributes, relationships),
        });

    public static TheoryData<string> Kept => [.. Directory.EnumerateFiles(Directories.Kept).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_body_is_read_or_refused_with_a_reason() => Body.Sample(
        body => ReadAll(Encoding.UTF8.GetBytes(body)), iter: 2000, print: body => body);

    [Theory, MemberData(nameof(Kept))]
    public void Bodies_that_have_been_trouble_are_read_or_refused_with_a_reason(string file) =>
        ReadAll(File.ReadAllBytes(Path.Combine(Directories.Kept, file)));

    [Fact]
    public async Task No_body_breaks_any_route()
    {
        var platform = await SharedPlatforms.OfAsync();
        var workspace = await TestWorkspace.CreateAsync(platform.Api);
        await workspace.SetAsync("key", "value");
        var configuration = await workspace.UploadSampleAsync("hello");
        var variable = (await platform.Api.GetAsync($"workspaces/{workspace.Id}/vars")).Json["data"]![0]!["id"]!.GetValue<string>();
        var project = (await workspace.ReadAsync()).RelatedId("project");
        string ValueOf(string name) => name switch
        {
            "organization" => workspace.Organization,
            "name" => workspace.Name,
            "workspaces" => workspace.Id,
            "variable" => variable,
            "projects" => project,
            "configuration-versions" => configuration,
            _ => $"{name}-0000000000000000",
        };
        var bodies = Directory.EnumerateFiles(Directories.Kept).ToDictionary(file => Path.GetFileName(file)!, File.ReadAllBytes);
        foreach (var route in ApiRoute.AllOf(platform).Where(route => route.Method != HttpMethod.Get && route.Method != HttpMethod.Delete))
        {
            foreach (var (name, body) in bodies)
            {
                var answer = await platform.Api.SendAsync(route.Method, route.Path(ValueOf), new ByteArrayContent(body));
                Assert.True(answer.Status < 500, $"{route} with {name}: {answer.Status} {answer.Text}");
                if (answer.Status >= 400)
                {
                    answer.ExpectError(answer.Status);
                }
            }
        }
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("$", "")]
    [InlineData("$.data.attributes.target-addrs[1]", "/data/attributes/target-addrs/1")]
    [InlineData("$.data['a.name']['b/c~d']", "/data/a.name/b~1c~0d")]
    [InlineData("$[0].id", "/0/id")]
    public void A_pointer_leads_to_the_member_at_fault(string? path, string pointer) => Assert.Equal(pointer, JsonPointer.Of(path));

    private static void ReadAll(byte[] body)
    {
        foreach (var attributes in Requests(typeof(RequestDocument<>)))
        {
            Require(body, nameof(ReadResource), attributes);
        }
        foreach (var plain in new[] { typeof(Web.Api.CommentRequest), typeof(Web.Api.LockRequest), typeof(Web.Api.TrustExplanationRequest) })
        {
            Require(body, nameof(ReadPlain), plain);
        }
        Require(() => Send(body).ReadIdsAsync());
        Require(() => Send(body).ReadListAsync<Web.Api.VariableRequest>());
    }

    /// <summary>What the API takes, as far as it is of such a shape.</summary>
    private static IEnumerable<Type> Requests(Type shape) => typeof(ApiJsonContext).GetCustomAttributesData()
        .Where(data => data.AttributeType == typeof(JsonSerializableAttribute))
        .Select(data => (Type)data.ConstructorArguments[0].Value!)
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == shape)
        .Select(type => type.GetGenericArguments()[0]);

    private static void Require(byte[] body, string reader, Type type)
    {
        var read = typeof(RequestTests).GetMethod(reader, BindingFlags.NonPublic | BindingFlags.Static)!.MakeGenericMethod(type);
        Require(() => (Task)read.Invoke(null, [Send(body)])!);
    }

    private static void Require(Func<Task> read)
    {
        try
        {
            read().GetAwaiter().GetResult();
        }
        catch (ApiProblem problem)
        {
            Assert.Contains(problem.Status, new[] { 400, 422 });
            Assert.NotNull(problem.Error.Detail);
            if (problem.Status == 422)
            {
                Assert.StartsWith("/data/", problem.Error.Source!.Pointer, StringComparison.Ordinal);
            }
        }
    }

    private static async Task ReadResource<T>(HttpRequest request) where T : class, new()
    {
        var resource = await request.ReadResourceAsync<T>();
        foreach (var name in Names)
        {
            Require(() => Task.FromResult(resource.RelatedId(name)));
            Require(() => Task.FromResult(resource.RelatedItems<NoAttributes>(name)));
            Require(() => Task.FromResult(resource.RelatedItems<Web.Api.VariableRequest>(name)));
        }
    }

    private static Task<T> ReadPlain<T>(HttpRequest request) where T : class, new() => request.ReadPlainAsync<T>();

    private static HttpRequest Send(byte[] body)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(body);
        context.Request.ContentLength = body.Length;
        return context.Request;
    }

    private static string Document((string, string)[] attributes, (string Name, string Value)[] relationships) => Object(
    [
        ("data", Object(
        [
            ("type", "\"\""),
            ("attributes", Object(attributes)),
            ("relationships", Object([.. relationships.Select((one, index) => (one.Name, index % 2 == 0 ? Object([("data", one.Value)]) : one.Value))])),
        ])),
    ]);

    private static string Object((string Name, string Value)[] members) =>
        $"{{{string.Join(',', members.Select(member => $"\"{member.Name}\":{member.Value}"))}}}";

    private static string Broken(string text, int at, char added) =>
        at % 2 == 0 ? text.Remove(at % text.Length, 1) : text.Insert(at % text.Length, added.ToString());

    private static class Directories
    {
        public static string Kept => Path.Combine(AppContext.BaseDirectory, "Api", "Requests");
    }
}
