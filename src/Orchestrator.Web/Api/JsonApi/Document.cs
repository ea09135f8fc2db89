using System.Text.Json.Serialization;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>What the API answers with, as https://jsonapi.org describes it: one resource, or a list.</summary>
[JsonConverter(typeof(DocumentConverter))]
public sealed record Document(IReadOnlyList<Resource> Data, bool IsList)
{
    public Document(Resource resource) : this([resource], IsList: false)
    {
    }

    /// <summary>What the caller wants to have beside it, each once; null when nothing was asked for.</summary>
    public IReadOnlyList<Resource>? Included { get; init; }

    public PageLinks? Links { get; init; }

    public ListMeta? Meta { get; init; }

    public Fieldsets Fields { get; init; } = Fieldsets.All;
}

/// <summary>A thing of the API: who it is, what it is like, and what it is related to.</summary>
[JsonConverter(typeof(ResourceConverter))]
public abstract record Resource(string Id, string Type)
{
    public ResourceIdentifier Identifier => new(Id, Type);

    public IReadOnlyDictionary<string, Relationship>? Relationships { get; internal set; }

    public IReadOnlyDictionary<string, string>? Links { get; init; }

    internal abstract object Content { get; }
}

public sealed record Resource<TAttributes>(string Id, string Type, TAttributes Attributes) : Resource(Id, Type) where TAttributes : notnull
{
    internal override object Content => Attributes;
}

public sealed record ResourceIdentifier(string Id, string Type);

/// <param name="StatusCounts">How many of a list are in which status, where a list tells it.</param>
public sealed record ListMeta(
    Pagination Pagination,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, int>? StatusCounts = null);

/// <param name="TotalPages">Null, as the count is, where nobody counts.</param>
public sealed record Pagination(
    int CurrentPage, int PageSize, int? PrevPage, int? NextPage,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? TotalPages,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? TotalCount);

public sealed record PageLinks(
    string Self, string First, string? Prev, string? Next,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Last);

/// <summary>Errors, in the only shape the API's clients read. The status is a string: a number makes them drop the text.</summary>
public sealed record ErrorDocument(IReadOnlyList<Error> Errors);

public sealed record Error(string Status, string Title)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ErrorSource? Source { get; init; }
}

public sealed record ErrorSource(string Pointer);
