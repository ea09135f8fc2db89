namespace Orchestrator.Web.Api.JsonApi;

/// <summary>A request that cannot be served, thrown anywhere in a handler and answered as an error document.</summary>
/// <param name="pointer">The attribute at fault, such as <c>/data/attributes/name</c>.</param>
public sealed class ApiProblem(int status, string title, string? detail = null, string? pointer = null) : Exception(detail ?? title)
{
    public int Status { get; } = status;

    public Error Error { get; } = new(status.ToString(System.Globalization.CultureInfo.InvariantCulture), title)
    {
        Detail = detail,
        Source = pointer is null ? null : new ErrorSource(pointer),
    };

    /// <summary>Whether somebody asked for what they may not have; the answer does not tell, the audit trail does.</summary>
    public bool IsRefusal { get; private init; }

    /// <summary>It does not exist, or the caller may not know that it does.</summary>
    public static ApiProblem NotFound() => new(StatusCodes.Status404NotFound, "not found",
        "It does not exist, or you have no access to it.");

    /// <summary>It was there, and is no more.</summary>
    public static ApiProblem Removed(string detail) => new(StatusCodes.Status404NotFound, "not found", detail);

    /// <summary>The same answer to somebody who may not.</summary>
    public static ApiProblem Refused() => new(StatusCodes.Status404NotFound, "not found", "It does not exist, or you have no access to it.")
    {
        IsRefusal = true,
    };

    public static ApiProblem Conflict(string detail) => new(StatusCodes.Status409Conflict, "conflict", detail);

    public static ApiProblem Invalid(string attribute, string detail) =>
        new(StatusCodes.Status422UnprocessableEntity, "invalid attribute", detail, $"/data/attributes/{attribute}");

    public static ApiProblem InvalidRelationship(string relationship, string detail) =>
        new(StatusCodes.Status422UnprocessableEntity, "invalid relationship", detail, $"/data/relationships/{relationship}");

    public static ApiProblem BadRequest(string detail, string? pointer = null) =>
        new(StatusCodes.Status400BadRequest, "bad request", detail, pointer);
}
