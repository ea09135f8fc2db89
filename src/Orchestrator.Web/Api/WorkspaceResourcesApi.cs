using System.Text.Json.Serialization;
using Orchestrator.Data;
using Orchestrator.States;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record WorkspaceResourceAttributes(
    string Address, string Name, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, string Module, string Provider, string ProviderType,
    [property: JsonPropertyName("modified-by-state-version-id")] string ModifiedById, string? NameIndex);

/// <summary>What a workspace's current state holds, instance by instance.</summary>
internal static class WorkspaceResourcesApi
{
    public const string Type = "resources";

    public static void MapWorkspaceResources(this IEndpointRouteBuilder api) => api.MapGet(
        "/workspaces/{id}/resources",
        async (string id, HttpContext context, OrchestratorDbContext db, StateInventory inventory, CancellationToken cancellationToken) =>
        {
            var paging = Paging.Of(context.Request);
            var workspace = await db.WorkspaceAsync(id, cancellationToken);
            return paging.Answer(await inventory.ReadAsync(workspace.Id, cancellationToken), instance => Map(workspace.Id, instance), context.Request);
        })
        .WithSummary("List what a workspace's current state holds").ReturnsPage<WorkspaceResourceAttributes>(Type);

    /// <summary>Its id is made of the workspace's and its address, so it stays the same from state to state.</summary>
    private static Resource<WorkspaceResourceAttributes> Map(WorkspaceId workspace, StateInstance instance) => new(
        "wsr-" + Identifier.Derive(workspace.Value, instance.Address), Type,
        new WorkspaceResourceAttributes(
            instance.Address, instance.Name, instance.CreatedAt, instance.UpdatedAt, instance.Module, instance.Provider, instance.ProviderType,
            instance.ModifiedBy.Value, instance.NameIndex));
}
