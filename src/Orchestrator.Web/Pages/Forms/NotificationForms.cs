using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Notifications;
using Orchestrator.Web.Access;
using Orchestrator.Web.Audit;

namespace Orchestrator.Web.Pages.Forms;

/// <summary>The buttons beside a workspace's or a project's notifications.</summary>
internal static class NotificationForms
{
    private const int MaxSaid = 200;

    public static void MapNotificationForms(this IEndpointRouteBuilder forms)
    {
        forms.MapPost("/notifications/{notification}/verify", VerifyAsync);
        forms.MapPost("/notifications/{notification}/switch", SwitchAsync);
        forms.MapPost("/notifications/{notification}/delete", DeleteAsync);
    }

    private static async Task<IResult> VerifyAsync(
        string notification, HttpContext context, Admission admission, OrchestratorDbContext db, NotificationEditor editor)
    {
        if (await FindAsync(db, notification, admission.Scope, context.RequestAborted) is not { } found
            || await editor.VerifyAsync(found.Id, context.RequestAborted) is not { } result)
        {
            return Gone(context, admission);
        }
        var answer = await db.NotificationDeliveries.AsNoTracking().Where(row => row.ConfigurationId == found.Id && row.Trigger == NotificationTriggers.Verification)
            .OrderByDescending(row => row.OccurredAt).FirstOrDefaultAsync(context.RequestAborted);
        var said = answer?.Body is { Length: > 0 } body ? $" It said: {(body.Length > MaxSaid ? body[..MaxSaid] + "…" : body)}" : "";
        return Back(context, admission, found.Id, result.Configuration is null
            ? Notice.Refused(result.Refusal + (answer?.Code is null ? "" : said))
            : Notice.Done(found.Destination == NotificationDestination.Email
                ? "The mail server has taken the test."
                : string.Create(CultureInfo.InvariantCulture, $"The test has arrived: {found.Name} answered with {answer?.Code}.{said}")));
    }

    private static async Task<IResult> SwitchAsync(
        string notification, HttpContext context, Admission admission, OrchestratorDbContext db, NotificationEditor editor)
    {
        var on = (await context.Request.ReadFormAsync(context.RequestAborted))["on"] == "true";
        if (await FindAsync(db, notification, admission.Scope, context.RequestAborted) is not { } found
            || await editor.UpdateAsync(found.Id, new NotificationEdit { Enabled = on }, context.RequestAborted) is not { } result)
        {
            return Gone(context, admission);
        }
        context.Audit().Say("enabled", on ? "true" : "false");
        return Back(context, admission, found.Id, result.Refusal is { } refusal ? Notice.Refused($"{found.Name} stays off. {refusal}")
            : Notice.Done(on ? $"{found.Name} is on: the test has arrived." : $"{found.Name} is off: nobody is told by it."));
    }

    private static async Task<IResult> DeleteAsync(string notification, HttpContext context, Admission admission, OrchestratorDbContext db)
    {
        if (await FindAsync(db, notification, admission.Scope, context.RequestAborted) is not { } found)
        {
            return Gone(context, admission);
        }
        await db.NotificationConfigurations.Where(row => row.Id == found.Id).ExecuteDeleteAsync(context.RequestAborted);
        context.Audit().Say("name", found.Name);
        return Back(context, admission, null, Notice.Done($"{found.Name} was removed."));
    }

    /// <summary>Only one of the workspace or project that the address names.</summary>
    private static Task<NotificationConfiguration?> FindAsync(OrchestratorDbContext db, string id, Scope scope, CancellationToken cancellationToken)
    {
        var (wanted, workspace, project) = (new NotificationConfigurationId(id), scope.Workspace, scope.Workspace is null ? scope.Project : null);
        return db.NotificationConfigurations.AsNoTracking().FirstOrDefaultAsync(
            row => row.Id == wanted && row.WorkspaceId == workspace && row.ProjectId == project, cancellationToken);
    }

    private static IResult Gone(HttpContext context, Admission admission) =>
        Back(context, admission, null, Notice.Refused("There is no such notification here any more."));

    private static IResult Back(HttpContext context, Admission admission, NotificationConfigurationId? opened, Notice notice)
    {
        notice.Leave(context);
        var organization = (string)context.GetRouteValue("organization")!;
        var page = context.GetRouteValue("workspace") is string workspace
            ? Links.Notifications(organization, workspace)
            : Links.ProjectNotifications(organization, admission.Scope.Project!.Value);
        return Results.LocalRedirect(opened is null ? page : $"{page}?open={opened}");
    }
}
