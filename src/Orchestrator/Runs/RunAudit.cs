using Orchestrator.Data;
using Orchestrator.Data.Audit;

namespace Orchestrator.Runs;

/// <summary>Records for the audit trail what happens to runs without a request, in the transaction in which it does. What somebody asks for
/// is recorded where they ask.</summary>
internal static class RunAudit
{
    private const string Type = "run";

    /// <summary>A run that another run, or an upload, has caused.</summary>
    public static void AuditCreation(this OrchestratorDbContext db, Run run)
    {
        if (run.Source is RunSource.Upload or RunSource.RunTrigger)
        {
            db.AuditWaiting.Add(AuditWaiting.Of(AuditRecord.OfPlatform(run.CreatedAt, "create", Type, run.Id.Value) with
            {
                OrganizationId = run.OrganizationId,
                WorkspaceId = run.WorkspaceId,
                Detail = AuditDetail.Of(("source", run.Source), ("created_by", run.CreatedBy), ("triggered_by", run.TriggeredByRunId?.Value)),
            }));
        }
    }

    /// <param name="actor">Null when the platform itself moves the run.</param>
    public static void Audit(this OrchestratorDbContext db, Run run, RunStatus reached, DateTimeOffset now, Actor? actor)
    {
        if (ActionOf(reached, actor) is not { } action)
        {
            return;
        }
        db.AuditWaiting.Add(AuditWaiting.Of(
            AuditRecord.OfPlatform(now, action, Type, run.Id.Value, reached == RunStatus.Errored ? AuditOutcome.Failed : AuditOutcome.Succeeded) with
            {
                OrganizationId = run.OrganizationId,
                WorkspaceId = run.WorkspaceId,
                Detail = AuditDetail.Of(("status", EnumText.Of(reached)), ("created_by", run.CreatedBy)),
            }));
    }

    public static bool IsRecorded(RunStatus reached, Actor? actor) => ActionOf(reached, actor) is not null;

    private static string? ActionOf(RunStatus reached, Actor? actor) => actor?.Id is not null ? null : reached switch
    {
        RunStatus.Confirmed => "confirm",
        RunStatus.Applying => "apply",
        RunStatus.Applied or RunStatus.PlannedAndFinished or RunStatus.PlannedAndSaved or RunStatus.Errored => "finish",
        RunStatus.Discarded => "discard",
        RunStatus.Canceled => "cancel",
        _ => null,
    };
}
