using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Orchestrator.AwsSimulator.Http;

/// <summary>An answer that is complete before the first byte of it leaves.</summary>
internal sealed record AwsResponse(int Status)
{
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>For answers to HEAD: the length of the body that is not sent.</summary>
    public long? ContentLength { get; init; }

    public static AwsResponse Xml(int status, XElement root)
    {
        using var buffer = new MemoryStream();
        // Object keys may hold characters XML cannot; they are written as references instead of failing the answer.
        var settings = new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = false };
        using (var writer = XmlWriter.Create(buffer, settings))
        {
            root.Save(writer);
        }

        return new AwsResponse(status)
        {
            Headers = new Dictionary<string, string> { ["Content-Type"] = "text/xml" },
            Body = buffer.ToArray(),
        };
    }

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        foreach (var (name, value) in Headers)
        {
            response.Headers[name] = value;
        }

        if (Status is not (StatusCodes.Status204NoContent or StatusCodes.Status304NotModified))
        {
            response.ContentLength = ContentLength ?? Body.Length;
        }

        if (Body.Length > 0 && !HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(Body, context.RequestAborted);
        }
    }
}
