using System.Text.Json;
using Orchestrator.Web.Access.Login;
using Orchestrator.Web.Api;

namespace Orchestrator.Web.Issuer;

/// <summary>Terraform's remote service discovery: the first thing any terraform asks a host. It names what this server has, and nothing
/// else.</summary>
internal static class DiscoveryEndpoint
{
    private static readonly byte[] Document = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
    {
        ["state.v2"] = ApiRoutes.Root + "/",
        ["tfe.v2"] = ApiRoutes.Root + "/",
        ["tfe.v2.1"] = ApiRoutes.Root + "/",
        ["tfe.v2.2"] = ApiRoutes.Root + "/",
        ["login.v1"] = TerraformClient.Discovery,
    });

    public static void MapTerraformDiscovery(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/.well-known/terraform.json", () => Results.Bytes(Document, "application/json")).AllowAnonymous();
}
