using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record RunTriggerAttributes(string WorkspaceName, string SourceableName, DateTimeOffset CreatedAt);

/// <summary>A trigger with the names of both workspaces.</summary>
internal sealed record RunTriggerView(RunTrigger Trigger, string WorkspaceName, string SourceableName);

internal sealed class RunTriggerResource() : ResourceType<RunTriggerView, RunTriggerAttributes>("run-triggers")
{
    protected override IReadOnlyList<Relation<RunTriggerView>> Relations { get; } =
    [
        One("workspace", WorkspaceResource.Type, view => view.Trigger.WorkspaceId.Value).Includable(),
        One("sourceable", WorkspaceResource.Type, view => view.Trigger.SourceableId.Value).Includable(),
    ];

    protected override string IdOf(RunTriggerView row) => row.Trigger.Id.Value;

    protected override IQueryable<RunTriggerView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new RunTriggerId(id)).ToArray();
        return View(db.RunTriggers.Where(trigger => wanted.Contains(trigger.Id)), db);
    }

    protected override RunTriggerAttributes Show(RunTriggerView row, HttpContext context) =>
        new(row.WorkspaceName, row.SourceableName, row.Trigger.CreatedAt);

    public static IQueryable<RunTriggerView> View(IQueryable<RunTrigger> triggers, OrchestratorDbContext db) =>
        from trigger in triggers
        join follower in db.Workspaces on trigger.WorkspaceId equals follower.Id
        join source in db.Workspaces on trigger.SourceableId equals source.Id
        select new RunTriggerView(trigger, follower.Name, source.Name);
}
