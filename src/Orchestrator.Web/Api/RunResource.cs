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
    DateTimeOffset UpdatedAt, DateTimeOffset? CanceledAt, string Source, string TriggerReason, string? TriggeringSourceName, string? Message,
    bool IsDestroy, bool Refresh, bool RefreshOnly, bool PlanOnly, bool SavePlan, bool AutoApply, bool AllowEmptyApply,
    bool AllowConfigGeneration, IReadOnlyList<string>? TargetAddrs, IReadOnlyList<string>? ReplaceAddrs,
    IReadOnlyList<RunVariableAttributes> Variables, string TerraformVersion, int PositionInQueue, DateTimeOffset? ForceCancelAvailableAt,
    RunActionAttributes Actions, RunPermissions Permissions)
{
    /// <summary>Why the run did not end well; an addition of this server, which other clients ignore.</summary>
    public string? Outcome { get; init; }

    /// <summary>The apply's last state is not the workspace's, but kept as its errored state; an addition of this server.</summary>
    public bool StateDiverged { get; init; }

    /// <summary><c>terraform</c> or <c>tofu</c>; an addition, too.</summary>
    public string? Engine { get; init; }
}

/// <param name="Value">An HCL literal; null when the workspace keeps the variable secret.</param>
public sealed record RunVariableAttributes(string Key, string? Value);

public sealed record RunActionAttributes(bool IsCancelable, bool IsConfirmable, bool IsDiscardable, bool IsForceCancelable);

/// <summary>A run with what its document also names.</summary>
public sealed record RunView
{
    public required Run Run { get; init; }

    public required PlanId PlanId { get; init; }

    public required ApplyId ApplyId { get; init; }

    public required bool HasChanges { get; init; }

    /// <summary>The workspace whose run it follows; null when it follows none, or that one is gone.</summary>
    public string? TriggeringSourceName { get; init; }

    /// <summary>How many runs go before it.</summary>
    public int Position { get; set; }

    /// <summary>When the run reached which status.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> Timestamps { get; set; } = new Dictionary<string, DateTimeOffset>();
}

internal sealed class RunResource(RunVariables variables, IOptions<RunLimits> limits, TimeProvider clock) : ResourceType<RunView, RunAttributes>(Type)
{
    public const string Type = "runs";

    protected override IReadOnlyList<Relation<RunView>> Relations { get; } =
    [
        One("workspace", WorkspaceResource.Type, view => view.Run.WorkspaceId.Value).Includable(),
        One("plan", PlanResource.Type, view => view.PlanId.Value).Includable(),
        One("apply", ApplyResource.Type, view => view.ApplyId.Value).Includable(),
        One("configuration-version", ConfigurationVersionResource.Type, view => view.Run.ConfigurationVersionId.Value).Includable(),
        One("input-state-version", StateVersionResource.Type, view => view.Run.InputStateVersionId?.Value),
        One("triggering-run", Type, view => view.Run.TriggeredByRunId?.Value),
        One("triggering-source", WorkspaceResource.Type, view => view.Run.TriggeringWorkspaceId?.Value),
        One("created-by", People.Type, view => ServiceUsers.UserIdOf(view.Run.CreatedById)).Includable(),
        One("confirmed-by", People.Type, view => ServiceUsers.UserIdOf(view.Run.ConfirmedById)).Includable(),
        One("cost-estimate", "cost-estimates", _ => null).Includable(),
        Many("policy-checks", "policy-checks", _ => []).Includable(),
        Many("task-stages", "task-stages", _ => []).Includable(),
        Found("run-events", RunEventResource.Type, RunEventResource.OfRunsAsync),
        Found("comments", CommentResource.Type, CommentResource.OfRunsAsync),
    ];

    protected override string IdOf(RunView row) => row.Run.Id.Value;

    protected override IQueryable<RunView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new RunId(id)).ToArray();
        return View(db.Runs.Where(run => wanted.Contains(run.Id)), db);
    }

    protected override IQueryable<RunView> Visible(IQueryable<RunView> rows, HttpContext context)
    {
        var admission = Admission.Of(context);
        if (admission.Scope.Workspace is not null
            || admission.Standing.Across(admission.Scope.Organization).Workspaces.HasFlag(WorkspaceRight.ReadRuns))
        {
            return rows;
        }
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        var seen = db.Workspaces.SeenBy(db, admission.Standing);
        return rows.Where(view => seen.Any(workspace => workspace.Id == view.Run.WorkspaceId));
    }

    protected override IQueryable<RunView> Row(OrchestratorDbContext db, string id) => View(db.Runs.Where(run => run.Id == new RunId(id)), db);

    protected override async Task GatherAsync(IReadOnlyList<RunView> rows, HttpContext context)
    {
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        await Admission.Of(context).LocateAsync(db, rows.Select(view => view.Run.WorkspaceId), context.RequestAborted);
        Run[] runs = [.. rows.Select(view => view.Run)];
        var timestamps = await db.TimestampsAsync(runs, context.RequestAborted);
        var positions = await db.PositionsAsync(runs, context.RequestAborted);
        foreach (var view in rows)
        {
            view.Timestamps = new Dictionary<string, DateTimeOffset>(timestamps[view.Run.Id]);
            view.Position = positions[view.Run.Id];
        }
    }

    protected override RunAttributes Show(RunView row, HttpContext context)
    {
        var (run, options) = (row.Run, row.Run.Options);
        var choices = RunChoices.Of(run, limits.Value, clock.GetUtcNow());
        var canceledAt = row.Timestamps.TryGetValue("canceled-at", out var ended) ? ended : run.CancelRequestedAt;
        return new RunAttributes(
            EnumText.Of(run.Status), row.Timestamps, row.HasChanges, run.CreatedAt, run.UpdatedAt, canceledAt, run.Source,
            EnumText.Of(run.Reason), row.TriggeringSourceName, run.Message, options.IsDestroy, options.Refresh, options.RefreshOnly,
            options.PlanOnly, options.SavePlan, options.AutoApply, options.AllowEmptyApply, options.AllowConfigGeneration,
            OrNull(options.TargetAddresses), OrNull(options.ReplaceAddresses),
            [.. variables.ShowOwn(run).Select(own => new RunVariableAttributes(own.Key, own.Value))],
            run.TerraformVersion, row.Position,
            // Clients look for it after each cancel, also of a run that needed no force.
            choices.CanForceCancelAt ?? (run.Status == RunStatus.Canceled ? canceledAt + limits.Value.ForceCancelAfter : null),
            new RunActionAttributes(choices.CanCancel, choices.CanConfirm, choices.CanDiscard, choices.CanForceCancel),
            RunPermissions.Of(Admission.Of(context).In(run.WorkspaceId)))
        {
            Outcome = run.Outcome,
            StateDiverged = run.StateDiverged,
            Engine = EnumText.Of(run.Engine),
        };
    }

    public static IQueryable<RunView> View(IQueryable<Run> runs, OrchestratorDbContext db) =>
        from run in runs
        join plan in db.Plans on run.Id equals plan.RunId
        join apply in db.Applies on run.Id equals apply.RunId
        select new RunView
        {
            Run = run,
            PlanId = plan.Id,
            ApplyId = apply.Id,
            HasChanges = plan.HasChanges,
            TriggeringSourceName = db.Workspaces
                .Where(workspace => workspace.Id == run.TriggeringWorkspaceId)
                .Select(workspace => workspace.Name)
                .FirstOrDefault(),
        };

    private static IReadOnlyList<string>? OrNull(IReadOnlyList<string> list) => list.Count == 0 ? null : list;
}
