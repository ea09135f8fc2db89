using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record VariableAttributes(
    string Key, string? Value, string? Description, string Category, bool Hcl, bool Sensitive, string VersionId, DateTimeOffset CreatedAt);

internal sealed class VariableResource(VariableVault vault) : ResourceType<Variable, VariableAttributes>(Type)
{
    public const string Type = "vars";

    protected override IReadOnlyList<Relation<Variable>> Relations { get; } =
    [
        // Clients that read a workspace's variables stop at a set where they expect a workspace, so each has a relation of its own.
        One("configurable", WorkspaceResource.Type, variable => variable.WorkspaceId?.Value).Includable(),
        One("varset", VariableSetResource.Type, variable => variable.VariableSetId?.Value).Includable(),
    ];

    protected override string IdOf(Variable row) => row.Id.Value;

    protected override IQueryable<Variable> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new VariableId(id)).ToArray();
        return db.Variables.Where(variable => wanted.Contains(variable.Id));
    }

    protected override IReadOnlyDictionary<string, string> LinksOf(Variable row) =>
        new Dictionary<string, string>
        {
            ["self"] = row.VariableSetId is { } set
                ? $"{ApiRoutes.Root}/varsets/{set}/relationships/vars/{row.Id}"
                : $"{ApiRoutes.Root}/workspaces/{row.WorkspaceId}/vars/{row.Id}",
        };

    protected override VariableAttributes Show(Variable row, HttpContext context) => new(
        row.Key, vault.Show(row), row.Description, EnumText.Of(row.Category), row.Hcl, row.Sensitive, row.VersionId, row.CreatedAt);

    public static async Task<ILookup<string, string>> OfWorkspacesAsync(
        OrchestratorDbContext db, IReadOnlyList<string> workspaces, CancellationToken cancellationToken)
    {
        var wanted = workspaces.Select(id => new WorkspaceId(id)).ToArray();
        var found = await db.Variables
            .Where(variable => wanted.Contains(variable.WorkspaceId!.Value))
            .OrderBy(variable => variable.Key)
            .Select(variable => new { WorkspaceId = variable.WorkspaceId!.Value, variable.Id })
            .ToListAsync(cancellationToken);
        return found.ToLookup(pair => pair.WorkspaceId.Value, pair => pair.Id.Value);
    }
}
