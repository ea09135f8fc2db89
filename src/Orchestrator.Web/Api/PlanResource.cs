using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record PlanAttributes(
    string Status, bool HasChanges, bool GeneratedConfiguration, string LogReadUrl, int? ResourceAdditions, int? ResourceChanges,
    int? ResourceDestructions, int? ResourceImports, int? ResourceMoves, bool StructuredRunOutputEnabled,
    IReadOnlyDictionary<string, DateTimeOffset> StatusTimestamps, ExecutionDetails ExecutionDetails, PlanActions Actions, PlanPermissions Permissions);

/// <param name="IsExportable">There are no exports here.</param>
public sealed record PlanActions(bool IsExportable);

public sealed record PlanPermissions(bool CanExport);

internal sealed class PlanResource(PhaseDetails details) : ResourceType<PhaseView<Plan>, PlanAttributes>(Type)
{
    public const string Type = "plans";

    protected override IReadOnlyList<Relation<PhaseView<Plan>>> Relations { get; } =
    [
        // A plan writes no state.
        Many("state-versions", StateVersionResource.Type, _ => []),
        Many("exports", "plan-exports", _ => []),
    ];

    protected override string IdOf(PhaseView<Plan> row) => row.Phase.Id.Value;

    protected override IQueryable<PhaseView<Plan>> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new PlanId(id)).ToArray();
        return db.Plans.Where(plan => wanted.Contains(plan.Id)).WithPlace(db);
    }

    protected override IReadOnlyDictionary<string, string> LinksOf(PhaseView<Plan> row)
    {
        var self = $"{ApiRoutes.Root}/plans/{row.Phase.Id}";
        return new Dictionary<string, string>
        {
            ["self"] = self,
            ["json-output"] = $"{self}/json-output",
            ["json-output-redacted"] = $"{self}/json-output-redacted",
            ["json-schema"] = $"{self}/json-schema",
        };
    }

    protected override PlanAttributes Show(PhaseView<Plan> row, HttpContext context)
    {
        var plan = row.Phase;
        return new PlanAttributes(
            EnumText.Of(plan.Status), plan.HasChanges, plan.GeneratedConfiguration, details.LogLink(LinkKind.PlanLog, plan, context),
            plan.Additions, plan.Changes, plan.Destructions, plan.Imports, plan.Moves, StructuredRunOutputEnabled: false, PhaseDetails.Timestamps(plan),
            ExecutionDetails.Of(row), new PlanActions(false), new PlanPermissions(false));
    }
}
