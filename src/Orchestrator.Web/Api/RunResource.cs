using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;
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

public sealed record RunPermissions(
    bool CanApply, bool CanCancel, bool CanComment, bool CanDiscard, bool CanForceExecute, bool CanForceCancel, bool CanOverridePolicyCheck);

/// <summary>A run with what its document also names.</summary>
public sealed record RunView
{
    public required Run Run { get; init; }

    public required PlanId PlanId { get; init; }

    public required ApplyId ApplyId { get; init; }

    public required bool HasChanges { get; init; }
}

internal static class RunResource
{
    public const string Type = "runs";

    public static IQueryable<RunView> RunViews(this OrchestratorDbContext db) =>
        from run in db.Runs.AsNoTracking()
        join plan in db.Plans on run.Id equals plan.RunId
        join apply in db.Applies on run.Id equals apply.RunId
        select new RunView { Run = run, PlanId = plan.Id, ApplyId = apply.Id, HasChanges = plan.HasChanges };

    public static async Task<Resource<RunAttributes>> ShowAsync(
        this OrchestratorDbContext db, RunView view, RunLimits limits, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var events = await db.RunEvents.AsNoTracking()
            .Where(happening => happening.RunId == view.Run.Id)
            .OrderBy(happening => happening.CreatedAt)
            .Select(happening => new { happening.Action, happening.CreatedAt })
            .ToListAsync(cancellationToken);
        var timestamps = new Dictionary<string, DateTimeOffset>();
        foreach (var happening in events)
        {
            timestamps[happening.Action.Replace('_', '-') + "-at"] = happening.CreatedAt;
        }
        return Map(view, timestamps, limits, now);
    }

    public static Resource<RunAttributes> Map(
        RunView view, IReadOnlyDictionary<string, DateTimeOffset> timestamps, RunLimits limits, DateTimeOffset now)
    {
        var (run, options) = (view.Run, view.Run.Options);
        var choices = RunChoices.Of(run, limits, now);
        return new Resource<RunAttributes>(run.Id.Value, Type, new RunAttributes(
            EnumText.Of(run.Status), timestamps, view.HasChanges, run.CreatedAt, run.CancelRequestedAt, run.Source, "manual", run.Message,
            options.IsDestroy, options.Refresh, options.RefreshOnly, options.PlanOnly, options.SavePlan, options.AutoApply,
            options.AllowEmptyApply, OrNull(options.TargetAddresses), OrNull(options.ReplaceAddresses), [], run.TerraformVersion,
            PositionInQueue: 0, choices.CanForceCancelAt,
            new RunActionAttributes(choices.CanCancel, choices.CanConfirm, choices.CanDiscard, choices.CanForceCancel),
            new RunPermissions(true, true, true, true, true, true, CanOverridePolicyCheck: false))
        {
            Outcome = run.Outcome,
        })
        {
            Relationships = new Dictionary<string, Relationship>
            {
                ["workspace"] = Relationship.One(WorkspaceResource.Type, run.WorkspaceId.Value),
                ["plan"] = Relationship.One("plans", view.PlanId.Value),
                ["apply"] = Relationship.One("applies", view.ApplyId.Value),
                ["configuration-version"] = Relationship.One("configuration-versions", run.ConfigurationVersionId.Value),
                ["created-by"] = Relationship.One("users", run.CreatedBy),
                ["confirmed-by"] = Relationship.One("users", run.ConfirmedBy),
                ["cost-estimate"] = Relationship.One("cost-estimates", null),
                ["policy-checks"] = Relationship.Many("policy-checks", []),
                ["task-stages"] = Relationship.Many("task-stages", []),
            },
            Links = new Dictionary<string, string> { ["self"] = $"{ApiRoutes.Root}/runs/{run.Id}" },
        };
    }

    private static IReadOnlyList<string>? OrNull(IReadOnlyList<string> list) => list.Count == 0 ? null : list;
}
