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
    /// <summary>Where one route takes several, they say which.</summary>
    public string? Type { get; init; }

    public TAttributes? Attributes { get; init; }

    public IReadOnlyDictionary<string, RequestRelationship?>? Relationships { get; init; }

    /// <returns>The id of a to-one relationship; null when there is none.</returns>
    /// <exception cref="ApiProblem">It is no identifier.</exception>
    public string? RelatedId(string name) => DataOf(name) is { } data
        ? Read<RequestItem<NoAttributes>>(data)?.Id is { Length: > 0 } id
            ? id
            : throw ApiProblem.InvalidRelationship(name, "It is one resource, named by its id: {\"data\": {\"type\": \"…\", \"id\": \"…\"}}.")
        : null;

    /// <returns>The members of a to-many relationship, each by its id or by attributes of its own; null when it is absent.</returns>
    /// <exception cref="ApiProblem">It is no list of such members.</exception>
    public IReadOnlyList<RequestItem<T>>? RelatedItems<T>(string name) where T : class => DataOf(name) is { } data
        ? Read<RequestItem<T>[]>(data) is { } items && items.All(item => item is not null)
            ? items
            : throw ApiProblem.InvalidRelationship(name, "It is a list of resources: {\"data\": [{\"type\": \"…\", \"id\": \"…\"}]}.")
        : null;

    private JsonElement? DataOf(string name) =>
        Relationships?.GetValueOrDefault(name)?.Data is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } data ? data : null;

    /// <summary>Null for what is of another shape, or holds text that cannot be stored.</summary>
    private static TRead? Read<TRead>(JsonElement element) where TRead : class
    {
        try
        {
            return element.Deserialize<TRead>(ApiJson.Options);
        }
        catch (JsonException)
        {
            return null;
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
