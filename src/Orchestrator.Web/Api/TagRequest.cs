using Orchestrator.Tags;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <summary>A tag as a client sends it: by its name, or as key and value.</summary>
public sealed record TagRequest
{
    public string? Name { get; init; }

    public string? Key { get; init; }

    public string? Value { get; init; }

    /// <returns>Null when there is no list.</returns>
    /// <exception cref="ApiProblem">A member has neither name nor key.</exception>
    public static IReadOnlyList<Tag>? TagsOf(IReadOnlyList<RequestItem<TagRequest>>? items, string relationship) => items is null
        ? null
        : [.. items.Select(item => TagOf(item.Attributes) ?? throw ApiProblem.InvalidRelationship(relationship, "A member has no key."))];

    /// <returns>Null when it has neither name nor key.</returns>
    public static Tag? TagOf(TagRequest? attributes) =>
        (attributes?.Key ?? attributes?.Name) is { } key ? new Tag(key, attributes?.Value ?? "") : null;
}
