using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Orchestrator.Tests.Support;

/// <summary>An API server that trusts an OpenID Connect issuer, with one secret: a state, as terraform's Kubernetes backend keeps it.</summary>
internal sealed class KubernetesStandIn(RelyingParty party) : StandIn
{
    public const string SecretsPath = "/api/v1/namespaces/default/secrets";

    private const string State =
        """{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{"vpc":{"value":"vpc-k8s","type":"string"}},"resources":[]}""";

    protected override async Task<(int Status, string Text)> AnswerAsync(HttpListenerRequest request, string body) =>
        await party.RefusalAsync(Bearer(request)) is { } refusal ? Status(401, refusal)
        : request.Url!.AbsolutePath != SecretsPath ? Status(404, "not found")
        : (200, JsonSerializer.Serialize(new
        {
            apiVersion = "v1",
            kind = "SecretList",
            metadata = new { resourceVersion = "1" },
            items = new[]
            {
                new
                {
                    apiVersion = "v1",
                    kind = "Secret",
                    metadata = new { name = "tfstate-default-network", @namespace = "default" },
                    data = new { tfstate = Convert.ToBase64String(Compress(State)) },
                },
            },
        }));

    private static (int Status, string Text) Status(int code, string message) =>
        (code, JsonSerializer.Serialize(new { apiVersion = "v1", kind = "Status", status = "Failure", message, code }));

    private static byte[] Compress(string text)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }
        return compressed.ToArray();
    }
}
