using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;

namespace Orchestrator.Web.Api;

/// <summary>The first call of every client: its headers say which API this is.</summary>
internal static class PingApi
{
    public static void MapPing(this IEndpointRouteBuilder api) => api.MapGet("/ping", (HttpResponse response) =>
    {
        // The cloud block asks for at least 2.5, import blocks in a run for 2.6; the version of the product must look like a date.
        response.Headers["TFP-API-Version"] = "2.6";
        response.Headers["TFP-AppName"] = "Terraform Enterprise";
        response.Headers["X-TFE-Version"] = "v202502-1";
        return Results.NoContent();
    }).NeedsAnyToken().WithSummary("Tell which API this is").ReturnsNothing();
}
