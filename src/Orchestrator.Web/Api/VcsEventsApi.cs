using Microsoft.EntityFrameworkCore;
using Orchestrator.Access;
using Orchestrator.Data;
using Orchestrator.Runs;
using Orchestrator.Vcs;
using Orchestrator.Web.Access;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

/// <param name="Size">Bytes of the body, which is told to nobody.</param>
public sealed record VcsEventAttributes(
    string Event, string DeliveryId, string Status, string? Reason, string? Repository, string? CommitSha, string? Sender, int Attempts, long Size,
    DateTimeOffset ReceivedAt, DateTimeOffset? FinishedAt, IReadOnlyList<VcsOutcomeAttributes> Outcomes);

/// <summary>What it meant for one workspace.</summary>
public sealed record VcsOutcomeAttributes(string WorkspaceId, string WorkspaceName, string Decision, string? Reason, string? RunId, string? ConfigurationVersionId);

/// <summary>A delivery with what it meant.</summary>
public sealed record VcsEventView(VcsDelivery Delivery)
{
    public IReadOnlyList<VcsOutcomeAttributes> Outcomes { get; set; } = [];
}

internal sealed class VcsEventResource() : ResourceType<VcsEventView, VcsEventAttributes>(Type)
{
    public const string Type = "vcs-events";

    protected override IReadOnlyList<Relation<VcsEventView>> Relations { get; } =
    [
        One("oauth-client", OAuthClientResource.Type, view => view.Delivery.ConnectionId.Value).Includable(),
    ];

    public static IQueryable<VcsEventView> View(IQueryable<VcsDelivery> deliveries) => deliveries.Select(delivery => new VcsEventView(delivery));

    protected override string IdOf(VcsEventView row) => row.Delivery.Id.Value;

    protected override IQueryable<VcsEventView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new VcsDeliveryId(id)).ToArray();
        return View(db.VcsDeliveries.Where(delivery => wanted.Contains(delivery.Id)));
    }

    protected override async Task GatherAsync(IReadOnlyList<VcsEventView> rows, HttpContext context)
    {
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        var ids = rows.Select(row => row.Delivery.Id).ToArray();
        var outcomes = (await (
            from outcome in db.VcsOutcomes.AsNoTracking()
            where ids.Contains(outcome.DeliveryId)
            join workspace in db.Workspaces on outcome.WorkspaceId equals workspace.Id
            orderby workspace.Name
            select new { outcome, workspace.Name }).ToListAsync(context.RequestAborted)).ToLookup(row => row.outcome.DeliveryId);
        foreach (var row in rows)
        {
            row.Outcomes = [.. outcomes[row.Delivery.Id].Select(found => new VcsOutcomeAttributes(
                found.outcome.WorkspaceId.Value, found.Name, EnumText.Of(found.outcome.Decision), found.outcome.Reason,
                found.outcome.RunId?.Value, found.outcome.ConfigurationVersionId?.Value))];
        }
    }

    protected override VcsEventAttributes Show(VcsEventView row, HttpContext context)
    {
        var delivery = row.Delivery;
        return new VcsEventAttributes(
            delivery.Event, delivery.ProviderId, EnumText.Of(delivery.Status), delivery.Reason, delivery.Repository, delivery.CommitSha, delivery.Sender,
            delivery.Attempts, delivery.Size, delivery.ReceivedAt, delivery.FinishedAt, row.Outcomes);
    }
}

/// <summary>The delivery log.</summary>
internal static class VcsEventsApi
{
    public static void MapVcsEvents(this IEndpointRouteBuilder api)
    {
        api.MapGet("/organizations/{organization}/vcs-events", ListAsync).Needs(OrganizationRight.ManageVcs)
            .WithSummary("List what version control has told, newest first")
            .Query("filter[oauth-client][id]", "One connection's.").Query("filter[status]", "received, handled, ignored, refused or failed.")
            .ReturnsPage<VcsEventResource>();
        api.MapGet("/vcs-events/{id}", (string id, HttpContext context, VcsEventResource events) => events.ShowAsync(id, context))
            .Needs(OrganizationRight.ManageVcs).WithSummary("Show what version control has told once").Returns<VcsEventResource>();
        api.MapPost("/vcs-events/{id}/actions/redeliver", RedeliverAsync)
            .Needs(OrganizationRight.ManageVcs).WithSummary("Handle a delivery once more, as a new one").Returns<VcsEventResource>();
    }

    private static async Task<IResult> ListAsync(string organization, HttpContext context, OrchestratorDbContext db, VcsEventResource events)
    {
        var owner = await db.OrganizationAsync(organization, context.RequestAborted);
        var deliveries = db.VcsDeliveries.AsNoTracking()
            .Where(row => db.VcsConnections.Any(connection => connection.Id == row.ConnectionId && connection.OrganizationId == owner.Id));
        if ((context.Request.Filter("oauth-client", "id") ?? context.Request.Filter("oauth_client", "id")) is { } connection)
        {
            deliveries = deliveries.Where(row => row.ConnectionId == new OAuthClientId(connection));
        }
        if (context.Request.Filter("status") is { } text)
        {
            var status = EnumText.TryParse<VcsDeliveryStatus>(text, out var known)
                ? known
                : throw ApiProblem.BadRequest("'filter[status]' is 'received', 'handled', 'ignored', 'refused' or 'failed'.");
            deliveries = deliveries.Where(row => row.Status == status);
        }
        return await events.ShowPageAsync(deliveries.OrderByDescending(row => row.ReceivedAt).ThenByDescending(row => row.Id), VcsEventResource.View, context);
    }

    private static async Task<IResult> RedeliverAsync(string id, HttpContext context, OrchestratorDbContext db, VcsConnections connections, VcsEventResource events)
    {
        var delivery = await db.VcsDeliveries.AsNoTracking().FirstAsync(row => row.Id == new VcsDeliveryId(id), context.RequestAborted);
        var again = await connections.RedeliverAsync(delivery)
            ?? throw ApiProblem.Conflict("Its body is not kept: it was refused. Have the service send it again.");
        return await events.ShowAsync(again.Value, context);
    }
}
