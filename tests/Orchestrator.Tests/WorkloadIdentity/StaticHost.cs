using System.Net;
using System.Net.Http.Headers;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.WorkloadIdentity;

/// <summary>A host for static files at the issuer's address, as an object store would be one.</summary>
internal sealed class StaticHost : HttpMessageHandler
{
    public const string Address = "https://identity.example.com/orchestrator";

    public Dictionary<string, byte[]> Files { get; } = [];

    /// <summary>In place of a file.</summary>
    public Func<CancellationToken, Task<HttpResponseMessage>>? Answer { get; set; }

    public int Requests { get; private set; }

    public void Publish(PublishedDocuments documents)
    {
        Files[Address + IssuerDocuments.DiscoveryPath] = documents.DiscoveryJson;
        Files[Address + IssuerDocuments.KeySetPath] = documents.KeySetJson;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Requests++;
        if (Answer is { } answer)
        {
            return await answer(cancellationToken);
        }
        return Files.TryGetValue(request.RequestUri!.ToString(), out var file)
            ? new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
            }
            : new HttpResponseMessage(HttpStatusCode.NotFound);
    }
}
