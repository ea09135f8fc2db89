using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="Value">Null when it is sensitive.</param>
/// <param name="Level">Where the value stands, such as <c>priority_global_set</c>, <c>workspace</c>, <c>organization_set_of_project</c>.</param>
/// <param name="Precedence">The level's number in HCP Terraform's table; 1 wins over all others.</param>
/// <param name="From">Whose value it is, in words.</param>
/// <param name="Overridden">The values that are not used, highest first.</param>
public sealed record EffectiveVariableAttributes(
    string Key, string Category, string? Value, bool Hcl, bool Sensitive, string Level, int Precedence, string From,
    IReadOnlyList<OverriddenVariableAttributes> Overridden);

/// <param name="Id">The variable's.</param>
/// <param name="VarsetId">Null when it is the workspace's own.</param>
/// <param name="Value">Null when it is sensitive.</param>
public sealed record OverriddenVariableAttributes(
    string Id, string? VarsetId, string? Value, bool Hcl, bool Sensitive, string Level, int Precedence, string From);

/// <summary>Which values a workspace's next run would use, whose they are, and what they override: an addition of this server.</summary>
internal static class EffectiveVariablesApi
{
    public const string Type = "effective-vars";

    public static void MapEffectiveVariables(this IEndpointRouteBuilder api) => api.MapGet(
        "/workspaces/{id}/effective-vars",
        async (string id, OrchestratorDbContext db, WorkspaceVariables variables, VariableVault vault, CancellationToken cancellationToken) =>
        {
            var workspace = new WorkspaceId(id);
            if (!await db.Workspaces.AnyAsync(row => row.Id == workspace, cancellationToken))
            {
                throw ApiProblem.NotFound();
            }
            var effective = await variables.ReadAsync(workspace, cancellationToken);
            return JsonApiResult.All(effective.Select(variable => Map(variable, vault)));
        })
        .WithSummary("List which values win in a workspace, and what they override").ReturnsAll<EffectiveVariableAttributes>(Type);

    private static Resource<EffectiveVariableAttributes> Map(EffectiveVariable variable, VariableVault vault)
    {
        var winner = variable.Winner;
        return new Resource<EffectiveVariableAttributes>(winner.Stored!.Id.Value, Type, new EffectiveVariableAttributes(
            winner.Key, EnumText.Of(winner.Category), vault.Show(winner), winner.Hcl, winner.Sensitive, EnumText.Of(winner.Level), (int)winner.Level, winner.From,
            [.. variable.Overridden.Select(other => new OverriddenVariableAttributes(
                other.Stored!.Id.Value, other.Set?.Id.Value, vault.Show(other), other.Hcl, other.Sensitive, EnumText.Of(other.Level), (int)other.Level, other.From))]))
        {
            Relationships = new Dictionary<string, Relationship>
            {
                ["variable"] = Relationship.One(VariableResource.Type, winner.Stored.Id.Value),
                ["varset"] = Relationship.One(VariableSetResource.Type, winner.Set?.Id.Value),
            },
        };
    }
}
