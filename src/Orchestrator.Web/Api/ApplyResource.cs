using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record ApplyAttributes(
    string Status, string LogReadUrl, int? ResourceAdditions, int? ResourceChanges, int? ResourceDestructions, int? ResourceImports,
    IReadOnlyDictionary<string, DateTimeOffset> StatusTimestamps, ExecutionDetails ExecutionDetails);

internal sealed class ApplyResource(PhaseDetails details) : ResourceType<PhaseView<Apply>, ApplyAttributes>(Type)
{
    public const string Type = "applies";

    protected override IReadOnlyList<Relation<PhaseView<Apply>>> Relations { get; } =
        [Many("state-versions", StateVersionResource.Type, view => view.States)];

    protected override string IdOf(PhaseView<Apply> row) => row.Phase.Id.Value;

    protected override IQueryable<PhaseView<Apply>> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new ApplyId(id)).ToArray();
        return db.Applies.Where(apply => wanted.Contains(apply.Id)).WithPlace(db);
    }

    /// <summary>The states that terraform has written while it applied, oldest first.</summary>
    protected override async Task GatherAsync(IReadOnlyList<PhaseView<Apply>> rows, HttpContext context)
    {
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        RunId?[] runs = [.. rows.Select(view => (RunId?)view.Phase.RunId)];
        var states = await db.StateVersions
            .Where(state => runs.Contains(state.RunId))
            .OrderBy(state => state.CreatedAt)
            .Select(state => new { state.RunId, state.CreatedById, state.Id })
            .ToListAsync(context.RequestAborted);
        foreach (var view in rows)
        {
            var run = view.Phase.RunId;
            // What somebody has sent who only named the run is not the run's own.
            view.States = [.. states.Where(state => state.RunId == run && state.CreatedById == run.Value).Select(state => state.Id.Value)];
        }
    }

    protected override ApplyAttributes Show(PhaseView<Apply> row, HttpContext context)
    {
        var apply = row.Phase;
        return new ApplyAttributes(
            EnumText.Of(apply.Status), details.LogLink(LinkKind.ApplyLog, apply, context),
            apply.Additions, apply.Changes, apply.Destructions, apply.Imports, PhaseDetails.Timestamps(apply), ExecutionDetails.Of(row));
    }
}
