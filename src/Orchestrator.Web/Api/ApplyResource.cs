using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record ApplyAttributes(
    string Status, string LogReadUrl, int? ResourceAdditions, int? ResourceChanges, int? ResourceDestructions, int? ResourceImports,
    IReadOnlyDictionary<string, DateTimeOffset> StatusTimestamps);

internal sealed class ApplyResource(PhaseDetails details) : ResourceType<Apply, ApplyAttributes>(Type)
{
    public const string Type = "applies";

    protected override IReadOnlyList<Relation<Apply>> Relations { get; } = [Many("state-versions", StateVersionResource.Type, _ => [])];

    protected override string IdOf(Apply row) => row.Id.Value;

    protected override IQueryable<Apply> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new ApplyId(id)).ToArray();
        return db.Applies.Where(apply => wanted.Contains(apply.Id));
    }

    protected override ApplyAttributes Show(Apply row, HttpContext context) => new(
        EnumText.Of(row.Status), details.LogLink(LinkKind.ApplyLog, row, context),
        row.Additions, row.Changes, row.Destructions, row.Imports, PhaseDetails.Timestamps(row));
}
