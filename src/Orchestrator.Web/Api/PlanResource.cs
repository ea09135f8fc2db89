using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record PlanAttributes(
    string Status, bool HasChanges, bool GeneratedConfiguration, string LogReadUrl, int? ResourceAdditions, int? ResourceChanges,
    int? ResourceDestructions, int? ResourceImports, int? ResourceMoves, bool StructuredRunOutputEnabled,
    IReadOnlyDictionary<string, DateTimeOffset> StatusTimestamps);

internal sealed class PlanResource(PhaseDetails details) : ResourceType<Plan, PlanAttributes>(Type)
{
    public const string Type = "plans";

    protected override IReadOnlyList<Relation<Plan>> Relations { get; } = [Many("state-versions", StateVersionResource.Type, _ => [])];

    protected override string IdOf(Plan row) => row.Id.Value;

    protected override IQueryable<Plan> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new PlanId(id)).ToArray();
        return db.Plans.Where(plan => wanted.Contains(plan.Id));
    }

    protected override IReadOnlyDictionary<string, string> LinksOf(Plan row) => new Dictionary<string, string>
    {
        ["self"] = $"{ApiRoutes.Root}/plans/{row.Id}",
        ["json-output"] = $"{ApiRoutes.Root}/plans/{row.Id}/json-output",
        ["json-output-redacted"] = $"{ApiRoutes.Root}/plans/{row.Id}/json-output-redacted",
    };

    protected override PlanAttributes Show(Plan row, HttpContext context) => new(
        EnumText.Of(row.Status), row.HasChanges, row.GeneratedConfiguration, details.LogLink(LinkKind.PlanLog, row, context),
        row.Additions, row.Changes, row.Destructions, row.Imports, row.Moves, StructuredRunOutputEnabled: false, PhaseDetails.Timestamps(row));
}
