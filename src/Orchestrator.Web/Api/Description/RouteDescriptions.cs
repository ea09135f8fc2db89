using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api.Description;

/// <summary>What routes take and answer, said where they are mapped; their one line is <c>WithSummary</c>'s. The OpenAPI document is made
/// of it.</summary>
internal static class RouteDescriptions
{
    /// <summary>A JSON:API document whose attributes are these.</summary>
    public static RouteHandlerBuilder Takes<TAttributes>(this RouteHandlerBuilder route) =>
        route.WithMetadata(new BodyDescription(typeof(TAttributes), IsDocument: true));

    /// <summary>A plain JSON object, or nothing at all.</summary>
    public static RouteHandlerBuilder TakesPlain<T>(this RouteHandlerBuilder route) =>
        route.WithMetadata(new BodyDescription(typeof(T), IsDocument: false));

    /// <summary>Identifiers of what is to be related, or not any more.</summary>
    public static RouteHandlerBuilder TakesIdentifiers(this RouteHandlerBuilder route) =>
        route.WithMetadata(new BodyDescription(typeof(ResourceIdentifier), IsDocument: false));

    /// <summary>A file.</summary>
    public static RouteHandlerBuilder TakesBytes(this RouteHandlerBuilder route, string mediaType) =>
        route.WithMetadata(new BodyDescription(null, IsDocument: false, mediaType));

    /// <summary>A resource of this type.</summary>
    public static RouteHandlerBuilder Returns<TResource>(this RouteHandlerBuilder route) where TResource : ResourceType =>
        route.WithMetadata(new AnswerDescription(StatusCodes.Status200OK, AnswerShape.One, Resource: typeof(TResource)));

    /// <summary>A document of which no other route knows.</summary>
    public static RouteHandlerBuilder Returns<TAttributes>(this RouteHandlerBuilder route, string type, int status = StatusCodes.Status200OK) =>
        route.WithMetadata(new AnswerDescription(status, AnswerShape.One, Attributes: typeof(TAttributes), Type: type));

    /// <summary>A resource of this type, with 201.</summary>
    public static RouteHandlerBuilder Creates<TResource>(this RouteHandlerBuilder route) where TResource : ResourceType =>
        route.WithMetadata(new AnswerDescription(StatusCodes.Status201Created, AnswerShape.One, Resource: typeof(TResource)));

    public static RouteHandlerBuilder ReturnsPage<TResource>(this RouteHandlerBuilder route) where TResource : ResourceType =>
        route.WithMetadata(new AnswerDescription(StatusCodes.Status200OK, AnswerShape.Page, Resource: typeof(TResource)));

    /// <summary>Pages of documents that only this route gives.</summary>
    public static RouteHandlerBuilder ReturnsPage<TAttributes>(this RouteHandlerBuilder route, string type) =>
        route.WithMetadata(new AnswerDescription(StatusCodes.Status200OK, AnswerShape.Page, Attributes: typeof(TAttributes), Type: type));

    /// <summary>A list that is never paged.</summary>
    public static RouteHandlerBuilder ReturnsAll<TResource>(this RouteHandlerBuilder route) where TResource : ResourceType =>
        route.WithMetadata(new AnswerDescription(StatusCodes.Status200OK, AnswerShape.All, Resource: typeof(TResource)));

    /// <summary>A list of documents that only this route gives.</summary>
    public static RouteHandlerBuilder ReturnsAll<TAttributes>(this RouteHandlerBuilder route, string type) =>
        route.WithMetadata(new AnswerDescription(StatusCodes.Status200OK, AnswerShape.All, Attributes: typeof(TAttributes), Type: type));

    public static RouteHandlerBuilder ReturnsNothing(this RouteHandlerBuilder route, int status = StatusCodes.Status204NoContent) =>
        route.WithMetadata(new AnswerDescription(status, AnswerShape.Nothing));

    /// <summary>A file or a stream.</summary>
    public static RouteHandlerBuilder ReturnsBytes(this RouteHandlerBuilder route, string mediaType) =>
        route.WithMetadata(new AnswerDescription(StatusCodes.Status200OK, AnswerShape.Bytes, MediaType: mediaType));

    /// <summary>A parameter of the query, such as <c>filter[status]</c>.</summary>
    public static RouteHandlerBuilder Query(this RouteHandlerBuilder route, string name, string description) =>
        route.WithMetadata(new QueryDescription(name, description));

    public static RouteHandlerBuilder SortedBy<TRow>(this RouteHandlerBuilder route, SortKeys<TRow> keys) => route.Query(
        "sort", $"One of {string.Join(", ", keys.Names)}; downwards with '-' before it; several with commas.");
}

/// <param name="Type">Null for a file.</param>
internal sealed record BodyDescription(Type? Type, bool IsDocument, string MediaType = JsonApiResult.MediaType);

internal enum AnswerShape
{
    One,
    Page,
    All,
    Nothing,
    Bytes,
}

/// <param name="Resource">A type of resource that other routes know, too; or else its attributes and its name.</param>
internal sealed record AnswerDescription(
    int Status, AnswerShape Shape, Type? Resource = null, Type? Attributes = null, string? Type = null, string? MediaType = null);

internal sealed record QueryDescription(string Name, string Description);
