using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Pages.Audit;

/// <summary>The audit trail's pages as files, with the same filters.</summary>
internal static class AuditFiles
{
    public static void MapAuditFiles(this IEndpointRouteBuilder site)
    {
        site.MapGet(Links.SiteAudit + ".jsonl", (HttpContext context, OrchestratorDbContext db, AuditTrail trail) => ExportAsync(null, context, db, trail))
            .Audited("export", "audit_trail");
        site.MapGet("/app/{organization}/settings/audit.jsonl", (HttpContext context, Admission admission, OrchestratorDbContext db, AuditTrail trail) =>
            ExportAsync(admission.Scope.Organization, context, db, trail)).Audited("export", "audit_trail");
    }

    private static async Task<IResult> ExportAsync(OrganizationId? organization, HttpContext context, OrchestratorDbContext db, AuditTrail trail)
    {
        var (filter, fault) = AuditQuery.Read(name => context.Request.Query[name], organization);
        if (fault is not null)
        {
            return Results.Text(fault + "\n", statusCode: StatusCodes.Status400BadRequest);
        }
        await trail.CatchUpAsync(context.RequestAborted);
        return new AuditExport(filter.Of(db));
    }
}
