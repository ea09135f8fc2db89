using System.Buffers;
using System.Text.Json;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>Answers in the API's media type, each in one write: a client on loopback waits for the next packet otherwise.</summary>
public sealed class JsonApiResult(object document, int status = StatusCodes.Status200OK) : IResult, IStatusCodeHttpResult
{
    public const string MediaType = "application/vnd.api+json";

    private const int InitialSize = 4096;

    // A writer of the serialiser's own would stop where it stops to read; values of outputs may be nested deeper.
    private static readonly JsonWriterOptions Options = new() { SkipValidation = true };

    public int? StatusCode => status;

    public static JsonApiResult Ok(Resource resource) => new(new Document(resource));

    public static JsonApiResult Created(Resource resource) => new(new Document(resource), StatusCodes.Status201Created);

    public static JsonApiResult All(IEnumerable<Resource> resources) => new(new Document([.. resources], IsList: true));

    public static JsonApiResult Failed(ApiProblem problem) => new(new ErrorDocument([problem.Error]), problem.Status);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        if (document is Document { IsList: false, Data: [var made] } && status == StatusCodes.Status201Created)
        {
            httpContext.Audit().About(made.Type, made.Id);
        }
        var body = new ArrayBufferWriter<byte>(InitialSize);
        using (var writer = new Utf8JsonWriter(body, Options))
        {
            JsonSerializer.Serialize(writer, document, document.GetType(), ApiJson.Options);
        }
        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = MediaType;
        httpContext.Response.ContentLength = body.WrittenCount;
        return httpContext.Response.Body.WriteAsync(body.WrittenMemory, httpContext.RequestAborted).AsTask();
    }
}
