using Orchestrator.Web.Api;

namespace Orchestrator.Web.Issuer;

/// <summary>Terraform's remote service discovery: the first thing any terraform asks a host.</summary>
internal static class DiscoveryEndpoint
{
    public static void MapTerraformDiscovery(this IEndpointRouteBuilder routes) => routes.MapGet(
        "/.well-known/terraform.json",
        () => Results.Json(new Dictionary<string, object>
        {
            ["state.v2"] = ApiRoutes.Root + "/",
            ["tfe.v2"] = ApiRoutes.Root + "/",
            ["tfe.v2.1"] = ApiRoutes.Root + "/",
            ["tfe.v2.2"] = ApiRoutes.Root + "/",
        })).AllowAnonymous();
}
