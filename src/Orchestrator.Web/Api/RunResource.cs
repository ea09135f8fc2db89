using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record RunAttributes(
    string Status, IReadOnlyDictionary<string, DateTimeOffset> StatusTimestamps, bool HasChanges, DateTimeOffset CreatedAt,
    DateTimeOffset? CanceledAt, string Source, string TriggerReason, string? Message, bool IsDestroy, bool Refresh, bool RefreshOnly,
    bool PlanOnly, bool SavePlan, bool AutoApply, bool AllowEmptyApply, IReadOnlyList<string>? TargetAddrs,
    IReadOnlyList<string>? ReplaceAddrs, IReadOnlyList<string> Variables, string TerraformVersion, int PositionInQueue,
    DateTimeOffset? ForceCancelAvailableAt, RunActionAttributes Actions, RunPermissions Permissions)
{
    /// <summary>Why the run did not end well; an addition of this server, which other clients ignore.</summary>
    public string? Outcome { get; init; }
}

public sealed record RunActionAttributes(bool IsCancelable, bool IsConfirmable, bool IsDiscardable, bool IsForceCancelable);

/// <summary>A run with what its document also names.</summary>
public sealed record RunView
{
    public required Run Run { get; init; }

    public required PlanId PlanId { get; init; }

    public required ApplyId ApplyId { get; init; }

    public required bool HasChanges { get; init; }

    /// <summary>When the run reached which status.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Timestamps { get; set; } = new Dictionary<string, DateTimeOffset>();
}

internal sealed class RunResource(IOptions<RunLimits> limits, TimeProvider clock) : ResourceType<RunView, RunAttributes>(Type)
{
    public const string Type = "runs";

    protected override IReadOnlyList<Relation<RunView>> Relations { get; } =
    [
        One("workspace", WorkspaceResource.Type, view => view.Run.WorkspaceId.Value).Includable(),
        One("plan", PlanResource.Type, view => view.PlanId.Value).Includable(),
        One("apply", ApplyResource.Type, view => view.ApplyId.Value).Includable(),
        One("configuration-version", ConfigurationVersionResource.Type, view => view.Run.ConfigurationVersionId.Value).Includable(),
        One("created-by", People.Type, view => ServiceUsers.UserIdOf(view.Run.CreatedById)).Includable(),
        One("confirmed-by", People.Type, view => ServiceUsers.UserIdOf(view.Run.ConfirmedById)).Includable(),
        One("cost-estimate", "cost-estimates", _ => null).Includable(),
        Many("policy-checks", "policy-checks", _ => []).Includable(),
        Many("task-stages", "task-stages", _ => []).Includable(),
        Found("run-events", RunEventResource.Type, RunEventResource.OfRunsAsync),
    ];

    protected override string IdOf(RunView row) => row.Run.Id.Value;

    protected override IQueryable<RunView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new RunId(id)).ToArray();
        return View(db.Runs.Where(run => wanted.Contains(run.Id)), db);
    }

    protected override async Task GatherAsync(IReadOnlyList<RunView> rows, HttpContext context)
    {
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        await Admission.Of(context).LocateAsync(db, rows.Select(view => view.Run.WorkspaceId), context.RequestAborted);
        var runs = rows.Select(view => view.Run.Id).ToArray();
        var events = await db.RunEvents.AsNoTracking()
            .Where(happening => runs.Contains(happening.RunId))
            .OrderBy(happening => happening.CreatedAt)
            .Select(happening => new { happening.RunId, happening.Action, happening.CreatedAt })
            .ToListAsync(context.RequestAborted);
        var byRun = events.ToLookup(happening => happening.RunId);
        foreach (var view in rows)
        {
            var timestamps = new Dictionary<string, DateTimeOffset>();
            foreach (var happening in byRun[view.Run.Id])
            {
                timestamps[ApiQuery.Kebab(happening.Action) + "-at"] = happening.CreatedAt;
            }
            view.Timestamps = timestamps;
        }
    }

    protected override RunAttributes Show(RunView row, HttpContext context)
    {
        var (run, options) = (row.Run, row.Run.Options);
        var choices = RunChoices.Of(run, limits.Value, clock.GetUtcNow());
        return new RunAttributes(
            EnumText.Of(run.Status), row.Timestamps, row.HasChanges, run.CreatedAt, run.CancelRequestedAt, run.Source, "manual", run.Message,
            options.IsDestroy, options.Refresh, options.RefreshOnly, options.PlanOnly, options.SavePlan, options.AutoApply,
            options.AllowEmptyApply, OrNull(options.TargetAddresses), OrNull(options.ReplaceAddresses), [], run.TerraformVersion,
            PositionInQueue: 0, choices.CanForceCancelAt,
            new RunActionAttributes(choices.CanCancel, choices.CanConfirm, choices.CanDiscard, choices.CanForceCancel),
            RunPermissions.Of(Admission.Of(context).In(run.WorkspaceId)))
        {
            Outcome = run.Outcome,
        };
    }

    public static IQueryable<RunView> View(IQueryable<Run> runs, OrchestratorDbContext db) =>
        from run in runs
        join plan in db.Plans on run.Id equals plan.RunId
        join apply in db.Applies on run.Id equals apply.RunId
        select new RunView { Run = run, PlanId = plan.Id, ApplyId = apply.Id, HasChanges = plan.HasChanges };

    private static IReadOnlyList<string>? OrNull(IReadOnlyList<string> list) => list.Count == 0 ? null : list;
}
