using System.Net;
using System.Text.Json;

namespace Orchestrator.Tests.Support;

/// <summary>Entra ID's token endpoint with one federated credential: <c>POST /{tenant}/oauth2/v2.0/token</c>.</summary>
internal sealed class EntraStandIn(RelyingParty party) : StandIn
{
    public const string ClientId = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";

    public const string TokenPath = "/acme.onmicrosoft.com/oauth2/v2.0/token";

    /// <summary>A client's request: its id, and the token that stands for a secret.</summary>
    public static string Request(string clientId, string token) =>
        $"grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F.default&client_id={clientId}"
        + $"&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={token}";

    protected override async Task<(int Status, string Text)> AnswerAsync(HttpListenerRequest request, string body)
    {
        var form = ParseForm(body);
        var problem = request.Url!.AbsolutePath != TokenPath || form.GetValueOrDefault("grant_type") != "client_credentials"
            || form.GetValueOrDefault("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" ? "AADSTS900144"
            : form.GetValueOrDefault("client_id") != ClientId ? "AADSTS700016: no such application"
            : await party.RefusalAsync(form.GetValueOrDefault("client_assertion")) is { } refusal ? $"AADSTS70021: {refusal}"
            : null;
        return problem is null
            ? (200, """{"token_type":"Bearer","expires_in":3599,"access_token":"entra-access-token"}""")
            : (401, JsonSerializer.Serialize(new { error = "invalid_client", error_description = problem }));
    }
}
