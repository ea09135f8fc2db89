using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;

namespace Orchestrator.Tests.Support;

/// <summary>Google's STS, its IAM Credentials API and a bucket with one state, as far as terraform's own client needs them.</summary>
internal sealed class GoogleStandIn(RelyingParty party) : StandIn
{
    public const string Provider = "projects/123456789012/locations/global/workloadIdentityPools/pool/providers/orchestrator";
    public const string ServiceAccount = "deploy@acme.iam.gserviceaccount.com";
    public const string State =
        """{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{"vpc":{"value":"vpc-gcp","type":"string"}},"resources":[]}""";

    /// <summary>The pool's principal may read the bucket, too, and not only the service account.</summary>
    public bool TrustsPool { get; init; }

    /// <summary>The paths that were called with what they need.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    protected override async Task<(int Status, string Text)> AnswerAsync(HttpListenerRequest request, string body)
    {
        var path = request.Url!.AbsolutePath;
        var (status, text) = path switch
        {
            "/v1/token" => await TradeAsync(ParseForm(body)),
            $"/v1/projects/-/serviceAccounts/{ServiceAccount}:generateAccessToken" => Bearer(request) == "federated-token"
                ? (200, $$"""{"accessToken":"service-account-token","expireTime":"{{DateTimeOffset.UtcNow.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}}"}""")
                : (403, "{}"),
            _ when Bearer(request) != (TrustsPool ? "federated-token" : "service-account-token") => (403, "{}"),
            _ when request.QueryString["alt"] == "json" || path.StartsWith("/b/", StringComparison.Ordinal) => (200, Attributes()),
            _ => (200, State),
        };
        if (status == 200)
        {
            Calls.Enqueue(path);
        }
        return (status, text);
    }

    private async Task<(int Status, string Text)> TradeAsync(Dictionary<string, string> form)
    {
        var problem = form.GetValueOrDefault("grant_type") != "urn:ietf:params:oauth:grant-type:token-exchange"
            || form.GetValueOrDefault("subject_token_type") != "urn:ietf:params:oauth:token-type:jwt" ? "unsupported"
            : form.GetValueOrDefault("audience") != "//iam.googleapis.com/" + Provider ? "unknown provider"
            : await party.RefusalAsync(form.GetValueOrDefault("subject_token"));
        return problem is null
            ? (200, """{"access_token":"federated-token","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":3600}""")
            : (400, JsonSerializer.Serialize(new { error = "invalid_grant", error_description = problem }));
    }

    private static string Attributes() => JsonSerializer.Serialize(new
    {
        kind = "storage#object",
        bucket = "acme",
        name = "network/default.tfstate",
        generation = "1",
        size = $"{State.Length}",
    });
}
