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
    /// <exception cref="ApiProblem">It is no identifier.</exception>
    public string? RelatedId(string name) => DataOf(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } identifier => IdOf(identifier, name),
        _ => throw ApiProblem.InvalidRelationship(name, $"{One(name)} Several cannot be named."),
    };

    /// <returns>The ids of a to-many relationship; null when it is not there.</returns>
    /// <exception cref="ApiProblem">They are no identifiers.</exception>
    public IReadOnlyList<string>? RelatedIds(string name) => DataOf(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } identifiers => [.. identifiers.EnumerateArray().Select(identifier => IdOf(identifier, name))],
        _ => throw ApiProblem.InvalidRelationship(name, $"Name them in a list: {{\"data\": [{{\"type\": \"{name}\", \"id\": \"…\"}}]}}."),
    };

    /// <summary>Those that are to be made along with the resource: instead of an id they carry attributes.</summary>
    /// <returns>Null when the relationship is not there.</returns>
    /// <exception cref="ApiProblem">They have no such attributes.</exception>
    public IReadOnlyList<RequestResource<T>>? RelatedNew<T>(string name) where T : class, new() => DataOf(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Array } resources => [.. resources.EnumerateArray().Select(resource => Read<T>(resource, name))],
        _ => throw ApiProblem.InvalidRelationship(name, $"Send them in a list: {{\"data\": [{{\"type\": \"{name}\", \"attributes\": {{…}}}}]}}."),
    };

    private JsonElement? DataOf(string name) =>
        Relationships?.GetValueOrDefault(name)?.Data is { ValueKind: not (JsonValueKind.Undefined or JsonValueKind.Null) } data ? data : null;

    private static string IdOf(JsonElement identifier, string relationship) =>
        Read<RequestIdentifier>(identifier)?.Id is { Length: > 0 } id ? id : throw ApiProblem.InvalidRelationship(relationship, One(relationship));

    private static RequestResource<T> Read<T>(JsonElement resource, string relationship) where T : class, new() =>
        Read<RequestResource<T>>(resource) is { } read
            ? read with { Attributes = read.Attributes ?? new T() }
            : throw ApiProblem.InvalidRelationship(
                relationship, "Each of them is an object with attributes; one of these is of the wrong type, or no text that can be stored.");

    /// <summary>Null for what is no such object.</summary>
    private static TRead? Read<TRead>(JsonElement element) where TRead : class
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object ? element.Deserialize<TRead>(ApiJson.Options) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string One(string relationship) => $"Name the {relationship} by its id: {{\"data\": {{\"type\": \"…\", \"id\": \"…\"}}}}.";
}

public sealed record RequestRelationship
{
    public JsonElement Data { get; init; }
}

/// <summary>What is to be related from now on, or not any more.</summary>
public sealed record RequestIdentifiers
{
    public IReadOnlyList<RequestIdentifier?>? Data { get; init; }
}

public sealed record RequestIdentifier
{
    public string? Type { get; init; }

    public string? Id { get; init; }
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
