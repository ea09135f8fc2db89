using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Runs;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The buttons of an organisation's connections and of their deliveries.</summary>
internal static class VersionControlForms
{
    public static void MapVersionControlForms(this IEndpointRouteBuilder forms)
    {
        forms.MapPost("/{connection}/check", CheckAsync);
        forms.MapPost("/{connection}/delete", DeleteAsync);
        forms.MapPost("/deliveries/{delivery}/redeliver", RedeliverAsync);
    }

    private static async Task<IResult> CheckAsync(string organization, string connection, HttpContext context, OrchestratorDbContext db, VcsConnections connections)
    {
        if (await FindAsync(db, organization, connection, context.RequestAborted) is not { } id
            || await connections.CheckAsync(id, context.RequestAborted) is not { } found)
        {
            return Results.NotFound();
        }
        (found.Problem is { } problem ? Notice.Refused(problem) : Notice.Done($"{found.Title} is good.")).Leave(context);
        return Results.LocalRedirect(Links.VersionControl(organization));
    }

    private static async Task<IResult> DeleteAsync(string organization, string connection, HttpContext context, OrchestratorDbContext db, VcsConnections connections)
    {
        if (await FindAsync(db, organization, connection, context.RequestAborted) is not { } id)
        {
            return Results.NotFound();
        }
        await connections.RemoveAsync(id, context.RequestAborted);
        Notice.Done("The connection was removed.").Leave(context);
        return Results.LocalRedirect(Links.VersionControl(organization));
    }

    private static async Task<IResult> RedeliverAsync(string organization, string delivery, HttpContext context, OrchestratorDbContext db, VcsConnections connections)
    {
        var id = new VcsDeliveryId(delivery);
        var found = await db.VcsDeliveries.AsNoTracking().FirstOrDefaultAsync(row => row.Id == id, context.RequestAborted);
        if (found is null || await FindAsync(db, organization, found.ConnectionId.Value, context.RequestAborted) is null)
        {
            return Results.NotFound();
        }
        (await connections.RedeliverAsync(found) is { } again
            ? Notice.Done($"Delivered again, as {again}.")
            : Notice.Refused("Its body is not kept. Have the service send it again.")).Leave(context);
        return Results.LocalRedirect(Links.VersionControl(organization));
    }

    /// <summary>The connection of that id, if it is the organisation's.</summary>
    private static async Task<OAuthClientId?> FindAsync(OrchestratorDbContext db, string organization, string connection, CancellationToken cancellationToken)
    {
        var id = new OAuthClientId(connection);
        return await db.VcsConnections.AnyAsync(
            row => row.Id == id && db.Organizations.Any(owner => owner.Id == row.OrganizationId && owner.Name == organization), cancellationToken) ? id : null;
    }
}
