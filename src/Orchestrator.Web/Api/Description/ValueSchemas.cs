using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api.Description;

/// <summary>The schema of what the generated serialisers write and read.</summary>
internal static class ValueSchemas
{
    private static readonly Dictionary<Type, (JsonSchemaType Type, string? Format)> Simple = new()
    {
        [typeof(string)] = (JsonSchemaType.String, null),
        [typeof(bool)] = (JsonSchemaType.Boolean, null),
        [typeof(int)] = (JsonSchemaType.Integer, "int32"),
        [typeof(long)] = (JsonSchemaType.Integer, "int64"),
        [typeof(double)] = (JsonSchemaType.Number, "double"),
        [typeof(decimal)] = (JsonSchemaType.Number, null),
        [typeof(DateTimeOffset)] = (JsonSchemaType.String, "date-time"),
    };

    /// <exception cref="NotSupportedException">A value is of a type that has no schema yet: add it here.</exception>
    public static OpenApiSchema Of(Type type, bool isNullable = false)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Of(underlying, isNullable: true);
        }
        if (IsA(type, typeof(Optional<>), out var optional))
        {
            return Of(optional[0], isNullable);
        }
        if (Simple.TryGetValue(type, out var simple))
        {
            return new OpenApiSchema { Type = OrNull(simple.Type, isNullable), Format = simple.Format };
        }
        if (type == typeof(JsonElement) || type == typeof(object))
        {
            return new OpenApiSchema();
        }
        if (IsA(type, typeof(IReadOnlyDictionary<,>), out var entry))
        {
            return new OpenApiSchema { Type = OrNull(JsonSchemaType.Object, isNullable), AdditionalProperties = Of(entry[1]) };
        }
        if (IsA(type, typeof(IReadOnlyList<>), out var item))
        {
            return new OpenApiSchema { Type = OrNull(JsonSchemaType.Array, isNullable), Items = Of(item[0]) };
        }
        var members = ApiJson.Options.GetTypeInfo(type);
        return members.Kind == JsonTypeInfoKind.Object
            ? OfMembers(members, isNullable)
            : throw new NotSupportedException($"{type} has no schema.");
    }

    private static OpenApiSchema OfMembers(JsonTypeInfo members, bool isNullable) => new()
    {
        Type = OrNull(JsonSchemaType.Object, isNullable),
        Properties = members.Properties.ToDictionary<JsonPropertyInfo, string, IOpenApiSchema>(
            member => member.Name,
            // A document that holds itself, as one for locks does, is described once.
            member => member.PropertyType == members.Type || IsA(member.PropertyType, typeof(RequestResource<>), out _)
                ? new OpenApiSchema { Type = JsonSchemaType.Object | JsonSchemaType.Null }
                : Of(member.PropertyType, member.IsGetNullable && !member.PropertyType.IsValueType)),
    };

    private static JsonSchemaType OrNull(JsonSchemaType type, bool isNullable) => isNullable ? type | JsonSchemaType.Null : type;

    private static bool IsA(Type type, Type open, out Type[] arguments)
    {
        var matches = type.IsGenericType && type.GetGenericTypeDefinition() == open;
        arguments = matches ? type.GetGenericArguments() : [];
        return matches;
    }
}
