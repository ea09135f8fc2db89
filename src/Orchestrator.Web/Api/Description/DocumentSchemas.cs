using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api.Description;

/// <summary>The schemas of documents. Resources and errors are components that others refer to.</summary>
internal sealed class DocumentSchemas(OpenApiDocument document)
{
    private const string ErrorsName = "errors";
    private const string IdentifierName = "identifier";

    public IOpenApiSchema Errors() => Component(ErrorsName, () => ValueSchemas.Of(typeof(ErrorDocument)));

    public IOpenApiSchema One(string type, Type attributes, IReadOnlyList<Relation> relations) =>
        Members(("data", ResourceOf(type, attributes, relations)), ("included", Included()));

    public IOpenApiSchema Page(string type, Type attributes, IReadOnlyList<Relation> relations) => Members(
        ("data", List(ResourceOf(type, attributes, relations))), ("included", Included()),
        ("links", Component("page-links", () => ValueSchemas.Of(typeof(PageLinks)))),
        ("meta", Component("page-meta", () => ValueSchemas.Of(typeof(ListMeta)))));

    public IOpenApiSchema All(string type, Type attributes, IReadOnlyList<Relation> relations) =>
        Members(("data", List(ResourceOf(type, attributes, relations))), ("included", Included()));

    /// <summary>Adds the type to what others may refer to.</summary>
    public void Describe(ResourceType type) => ResourceOf(type.Name, type.AttributesType, type.RelationsOfAny);

    /// <summary>What clients send: they may leave out everything but the attributes they want to set.</summary>
    public static IOpenApiSchema Request(Type attributes) => Members(("data", Members(
        ("type", Text()),
        ("attributes", ValueSchemas.Of(attributes)),
        ("relationships", new OpenApiSchema { Type = JsonSchemaType.Object }))));

    public IOpenApiSchema Identifiers() => Members(("data", List(Identifier())));

    private OpenApiSchemaReference ResourceOf(string type, Type attributes, IReadOnlyList<Relation> relations) => Component(type, () =>
    {
        var schema = Members(
            ("id", Text()),
            ("type", new OpenApiSchema { Type = JsonSchemaType.String, Enum = [JsonValue.Create(type)] }),
            ("attributes", ValueSchemas.Of(attributes)),
            ("relationships", Members([.. relations.Select(relation => (relation.Name, Related(relation)))])),
            ("links", new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Text() }));
        schema.Required = new HashSet<string> { "id", "type", "attributes" };
        return schema;
    });

    private OpenApiSchemaReference Related(Relation relation) => Component(relation.IsMany ? "related-many" : "related-one", () => Members(
        ("data", relation.IsMany ? List(Identifier()) : new OpenApiSchema { OneOf = [Identifier(), new OpenApiSchema { Type = JsonSchemaType.Null }] }),
        ("links", new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalProperties = Text() })));

    private OpenApiSchemaReference Identifier() => Component(IdentifierName, () => Members(("id", Text()), ("type", Text())));

    private OpenApiSchema Included() => List(Component("included", () => Members(
        ("id", Text()), ("type", Text()), ("attributes", new OpenApiSchema { Type = JsonSchemaType.Object }),
        ("relationships", new OpenApiSchema { Type = JsonSchemaType.Object }))));

    private OpenApiSchemaReference Component(string name, Func<OpenApiSchema> make)
    {
        if (document.Components?.Schemas?.ContainsKey(name) != true)
        {
            document.AddComponent(name, make());
        }
        return new OpenApiSchemaReference(name, document);
    }

    private static OpenApiSchema Members(params ReadOnlySpan<(string Name, IOpenApiSchema Schema)> members)
    {
        var schema = new OpenApiSchema { Type = JsonSchemaType.Object, Properties = new Dictionary<string, IOpenApiSchema>() };
        foreach (var (name, value) in members)
        {
            schema.Properties.Add(name, value);
        }
        return schema;
    }

    private static OpenApiSchema List(IOpenApiSchema items) => new() { Type = JsonSchemaType.Array, Items = items };

    private static OpenApiSchema Text() => new() { Type = JsonSchemaType.String };
}
