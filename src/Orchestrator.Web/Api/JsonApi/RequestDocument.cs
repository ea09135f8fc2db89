using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>What a client sends. Neither <c>type</c> nor <c>id</c> is looked at: clients leave them out or empty.</summary>
public sealed record RequestDocument<TAttributes>
{
    public RequestResource<TAttributes>? Data { get; init; }
}

public sealed record RequestResource<TAttributes>
{
    public TAttributes? Attributes { get; init; }

    public IReadOnlyDictionary<string, RequestRelationship?>? Relationships { get; init; }

    /// <returns>The id of a to-one relationship; null when there is none.</returns>
    /// <exception cref="ApiProblem">It holds what no text can.</exception>
    public string? RelatedId(string name) =>
        Relationships is not null && Relationships.TryGetValue(name, out var relationship)
            && relationship?.Data is { ValueKind: JsonValueKind.Object } data
            && data.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
                ? Read(id, name)
                : null;

    /// <returns>The members of a to-many relationship, each by its id or by attributes of its own; null when it is absent.</returns>
    /// <exception cref="ApiProblem">It is no list of such members.</exception>
    public IReadOnlyList<RequestItem<T>>? RelatedItems<T>(string name) where T : class
    {
        if (Relationships is null || !Relationships.TryGetValue(name, out var relationship) || relationship is null
            || relationship.Data.ValueKind == JsonValueKind.Undefined)
        {
            return null;
        }
        try
        {
            return relationship.Data.Deserialize<RequestItem<T>[]>(ApiJson.Options) is { } items && items.All(item => item is not null)
                ? items
                : throw new JsonException();
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw ApiProblem.InvalidRelationship(name, "It is a list of resources.");
        }
    }

    private static string? Read(JsonElement id, string relationship)
    {
        try
        {
            return id.Deserialize<string>(ApiJson.Options);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            throw ApiProblem.InvalidRelationship(relationship, "The id is no text that could be one.");
        }
    }
}

/// <summary>A list of resources, as the routes under <c>relationships</c> take it.</summary>
public sealed record RequestList<TAttributes> where TAttributes : class
{
    public IReadOnlyList<RequestItem<TAttributes>?>? Data { get; init; }
}

public sealed record RequestItem<TAttributes> where TAttributes : class
{
    public string? Id { get; init; }

    public TAttributes? Attributes { get; init; }
}

/// <summary>For lists whose members are told by their id alone, and for those that never have any.</summary>
public sealed record NoAttributes;

public sealed record RequestRelationship
{
    public JsonElement Data { get; init; }
}

/// <summary>A member of a PATCH that may be absent (unchanged), null, or have a value.</summary>
[JsonConverter(typeof(OptionalConverterFactory))]
public readonly record struct Optional<T>(T Value)
{
    public bool IsSet { get; } = true;

    public static implicit operator Optional<T>(T value) => new(value);
}

internal sealed class OptionalConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) =>
        typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(Optional<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(OptionalConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;

    private sealed class OptionalConverter<T> : JsonConverter<Optional<T>>
    {
        public override bool HandleNull => true;

        // By the member's own converter: a serializer inside the serializer would lose the path to a wrong value.
        public override Optional<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null
                ? new Optional<T>(default!)
                : new Optional<T>(((JsonConverter<T>)options.GetConverter(typeof(T))).Read(ref reader, typeof(T), options)!);

        public override void Write(Utf8JsonWriter writer, Optional<T> value, JsonSerializerOptions options) =>
            throw new NotSupportedException("Requests are only read.");
    }
}
