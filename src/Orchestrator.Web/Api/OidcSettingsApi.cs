using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Api;

/// <summary>Terraform Enterprise's way to move the keys that sign run tokens.</summary>
internal static class OidcSettingsApi
{
    public static void MapOidcSettings(this IEndpointRouteBuilder api)
    {
        api.MapPost("/admin/oidc-settings/actions/rotate-key", async (KeyRotation rotation, CancellationToken cancellationToken) =>
            await rotation.RotateAsync(force: false, cancellationToken) is { IsDone: false } refused
                ? throw ApiProblem.Conflict(refused.Message)
                : Results.NoContent())
            .NeedsSiteAdmin().WithSummary("Sign with a new key from now on").ReturnsNothing();
        api.MapPost("/admin/oidc-settings/actions/trim-key", async (KeyRotation rotation, CancellationToken cancellationToken) =>
        {
            await rotation.TrimAsync(cancellationToken);
            return Results.NoContent();
        }).NeedsSiteAdmin().WithSummary("Publish old keys no more").ReturnsNothing();
    }
}
