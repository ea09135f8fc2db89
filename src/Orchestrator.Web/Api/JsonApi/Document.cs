using System.Text.Json.Serialization;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>One resource, as https://jsonapi.org describes it.</summary>
public sealed record Document<TAttributes>(Resource<TAttributes> Data)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<object>? Included { get; init; }
}

/// <summary>A page of resources, or all of them.</summary>
public sealed record ListDocument<TAttributes>(IReadOnlyList<Resource<TAttributes>> Data)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<object>? Included { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PageLinks? Links { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ListMeta? Meta { get; init; }
}

public sealed record Resource<TAttributes>(string Id, string Type, TAttributes Attributes)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, Relationship>? Relationships { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Links { get; init; }
}

public sealed record ResourceIdentifier(string Id, string Type);

public sealed record ListMeta(Pagination Pagination);

public sealed record Pagination(int CurrentPage, int PageSize, int? PrevPage, int? NextPage, int TotalPages, int TotalCount);

public sealed record PageLinks(string Self, string First, string? Prev, string? Next, string Last);

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
