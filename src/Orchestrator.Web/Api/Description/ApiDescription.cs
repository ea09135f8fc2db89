using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api.Description;

/// <summary>Describes each route of the API as it has been mapped: what it takes, what it answers, and which parameters it knows.</summary>
internal sealed partial class ApiDescription : IOpenApiOperationTransformer
{
    public Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        if (context.Document is not { } document || !$"/{context.Description.RelativePath}".StartsWith(ApiRoutes.Root, StringComparison.Ordinal))
        {
            return Task.CompletedTask;
        }
        AddPath(operation, context.Description.RelativePath!);
        var schemas = new DocumentSchemas(document);
        var answers = metadata.OfType<AnswerDescription>().ToList();
        operation.Responses = [];
        foreach (var answer in answers)
        {
            var type = answer.Resource is { } resource ? (ResourceType)context.ApplicationServices.GetRequiredService(resource) : null;
            operation.Responses[$"{answer.Status}"] = Answer(answer, type, schemas);
            DescribeIncluded(type, schemas, context.ApplicationServices.GetRequiredService<ResourceTypes>());
            Parameters(operation, answer, type, isRead: HttpMethods.IsGet(context.Description.HttpMethod ?? ""));
        }
        operation.Responses["4XX"] = Response("What is wrong, in a sentence.", JsonApiResult.MediaType, schemas.Errors());
        foreach (var query in metadata.OfType<QueryDescription>())
        {
            AddQuery(operation, query.Name, query.Description);
        }
        if (metadata.OfType<BodyDescription>().LastOrDefault() is { } body)
        {
            operation.RequestBody = Body(body, schemas);
        }
        return Task.CompletedTask;
    }

    private static OpenApiResponse Answer(AnswerDescription answer, ResourceType? type, DocumentSchemas schemas)
    {
        var (name, attributes, relations) = (type?.Name ?? answer.Type!, type?.AttributesType ?? answer.Attributes!, type?.RelationsOfAny ?? []);
        return answer.Shape switch
        {
            AnswerShape.Nothing => new OpenApiResponse { Description = "Done." },
            AnswerShape.Bytes => Response("The content.", answer.MediaType!, Binary()),
            AnswerShape.One => Response($"One of type {name}.", JsonApiResult.MediaType, schemas.One(name, attributes, relations)),
            AnswerShape.All => Response($"All of type {name}.", JsonApiResult.MediaType, schemas.All(name, attributes, relations)),
            AnswerShape.Page => Response($"A page of type {name}.", JsonApiResult.MediaType, schemas.Page(name, attributes, relations)),
        };
    }

    /// <summary>Some types are only ever included, and no route answers with them.</summary>
    private static void DescribeIncluded(ResourceType? type, DocumentSchemas schemas, ResourceTypes types)
    {
        foreach (var name in (type?.RelationsOfAny ?? []).Where(relation => relation.IsIncludable).SelectMany(relation => relation.Types))
        {
            if (types.Find(name) is { } included)
            {
                schemas.Describe(included);
            }
        }
    }

    private static void Parameters(OpenApiOperation operation, AnswerDescription answer, ResourceType? type, bool isRead)
    {
        if (answer.Shape == AnswerShape.Page)
        {
            AddQuery(operation, "page[number]", "From 1.", JsonSchemaType.Integer);
            AddQuery(operation, "page[size]", "20, or what is said here; 100 at most.", JsonSchemaType.Integer);
        }
        if (type is null || !isRead)
        {
            return;
        }
        if (type.RelationsOfAny.Where(relation => relation.IsIncludable).Select(relation => relation.Name.Replace('-', '_')).ToList() is { Count: > 0 } possible)
        {
            AddQuery(operation, "include", $"What to answer with it, with commas: {string.Join(", ", possible)}; and with dots what those have.");
        }
        AddQuery(operation, $"fields[{type.Name}]", "The only attributes and relationships that are wanted, with commas.");
    }

    private static OpenApiRequestBody Body(BodyDescription body, DocumentSchemas schemas) => new()
    {
        Required = body.IsDocument,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [body.MediaType] = new()
            {
                Schema = body switch
                {
                    { Type: null } => Binary(),
                    { IsDocument: true } => DocumentSchemas.Request(body.Type),
                    _ when body.Type == typeof(ResourceIdentifier) => schemas.Identifiers(),
                    _ => ValueSchemas.Of(body.Type),
                },
            },
        },
    };

    private static OpenApiResponse Response(string description, string mediaType, IOpenApiSchema schema) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType> { [MediaTypeHeaderValue.Parse(mediaType).MediaType!] = new() { Schema = schema } },
    };

    private static OpenApiSchema Binary() => new() { Type = JsonSchemaType.String, Format = "binary" };

    /// <summary>Those that a handler takes from the route's values itself are not known to the framework.</summary>
    private static void AddPath(OpenApiOperation operation, string path)
    {
        operation.Parameters ??= [];
        foreach (var name in PathParameter().Matches(path).Select(match => match.Groups[1].Value))
        {
            if (operation.Parameters.All(parameter => parameter.Name != name))
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = name,
                    In = ParameterLocation.Path,
                    Required = true,
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }
        }
    }

    private static void AddQuery(OpenApiOperation operation, string name, string description, JsonSchemaType type = JsonSchemaType.String) =>
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Query,
            Description = description,
            Schema = new OpenApiSchema { Type = type },
        });

    [GeneratedRegex(@"\{([^}:]+)[^}]*\}")]
    private static partial Regex PathParameter();
}
