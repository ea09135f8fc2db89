using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Data.Audit;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Api;

/// <summary>The audit trail, newest first: an organisation's for its own token, as HCP has it; any organisation's for those who may read
/// it; and the whole one for site admins. As pages, or in one stream with a line for each entry, oldest first.</summary>
internal static class AuditTrailApi
{
    private const int DefaultSize = 100;
    private const int MaxSize = 1000;

    public static void MapAuditTrail(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organization/audit-trail", (HttpContext context, OrchestratorDbContext db, AuditTrail trail) =>
                Caller.Of(context).Principal is { Kind: PrincipalKind.Organization, Id: var id }
                    ? ListAsync(new OrganizationId(id), context, db, trail)
                    : throw ApiProblem.NotFound())
            .NeedsAccount("an organisation's token, for its own").WithSummary("List what the audit trail has of the token's organisation, newest first")
            .ReturnsBytes("application/json").Filters();
        Describe(
            api.MapGet("/organizations/{organization}/audit-trail", (HttpContext context, Admission admission, OrchestratorDbContext db, AuditTrail trail) =>
                ListAsync(admission.Scope.Organization, context, db, trail)).Needs(OrganizationRight.ReadAudit),
            api.MapGet("/organizations/{organization}/audit-trail/export", (HttpContext context, Admission admission, OrchestratorDbContext db, AuditTrail trail) =>
                ExportAsync(admission.Scope.Organization, context, db, trail)).Needs(OrganizationRight.ReadAudit));
        Describe(
            api.MapGet("/admin/audit-trail", (HttpContext context, OrchestratorDbContext db, AuditTrail trail) => ListAsync(null, context, db, trail)).NeedsSiteAdmin(),
            api.MapGet("/admin/audit-trail/export", (HttpContext context, OrchestratorDbContext db, AuditTrail trail) => ExportAsync(null, context, db, trail)).NeedsSiteAdmin());
    }

    private static void Describe(RouteHandlerBuilder list, RouteHandlerBuilder export)
    {
        list.WithSummary("List what was done, by whom and from where, newest first").ReturnsBytes("application/json").Filters();
        export.WithSummary("Stream what was done, a line for each entry, oldest first").ReturnsBytes(AuditExport.MediaType).Filters()
            .Audited("export", "audit_trail");
    }

    private static async Task<IResult> ListAsync(OrganizationId? organization, HttpContext context, OrchestratorDbContext db, AuditTrail trail)
    {
        await trail.CatchUpAsync(context.RequestAborted);
        var (number, size) = (Number(context.Request, "page[number]", 1, int.MaxValue / MaxSize), Number(context.Request, "page[size]", DefaultSize, MaxSize));
        var entries = Filter(context.Request, organization).Of(db);
        var count = await entries.CountAsync(context.RequestAborted);
        var pages = Paging.PagesOf(count, size);
        var rows = await entries.OrderByDescending(entry => entry.Sequence).Skip((number - 1) * size).Take(size).ToListAsync(context.RequestAborted);
        return new AuditPageResult(new AuditPage(
            [.. rows.Select(AuditEvent.Of)],
            new AuditPagination(number, number > 1 ? number - 1 : null, number < pages ? number + 1 : null, pages, count)));
    }

    private static async Task<IResult> ExportAsync(OrganizationId? organization, HttpContext context, OrchestratorDbContext db, AuditTrail trail)
    {
        await trail.CatchUpAsync(context.RequestAborted);
        return new AuditExport(Filter(context.Request, organization).Of(db));
    }

    private static AuditFilter Filter(HttpRequest request, OrganizationId? organization)
    {
        var (filter, fault) = AuditQuery.Read(name => request.Query[name == "since" || name == "until" ? name : $"filter[{name}]"], organization);
        return fault is null ? filter : throw ApiProblem.BadRequest(fault);
    }

    private static int Number(HttpRequest request, string name, int fallback, int max) => request.Query[name].ToString() is not { Length: > 0 } text
        ? fallback
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1
            ? Math.Min(number, max)
            : throw ApiProblem.BadRequest($"{name} is a whole number from 1.", name);

    private static RouteHandlerBuilder Filters(this RouteHandlerBuilder route) => route
        .Query("since", "Entries from this instant on (ISO 8601).").Query("until", "Entries from before this instant.")
        .Query("filter[who]", "An actor's id or a part of its name, a token's id, or an address.")
        .Query("filter[what]", "An action, a type of resource, or a resource's id.")
        .Query("filter[outcome]", "succeeded, refused or failed.");
}
