using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Notifications;
using Orchestrator.Web.Api.Description;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record NotificationRequest
{
    public string? Name { get; init; }
    public string? DestinationType { get; init; }
    public bool? Enabled { get; init; }
    public string? Url { get; init; }
    public Optional<string?> Token { get; init; }
    public IReadOnlyList<string?>? Triggers { get; init; }
    public IReadOnlyList<string?>? EmailAddresses { get; init; }

    internal static async Task<NotificationEdit> ReadAsync(HttpRequest request)
    {
        var body = await request.ReadResourceAsync<NotificationRequest>();
        return body.Attributes!.ToEdit() with
        {
            Users = body.RelatedItems<NoAttributes>(NotificationEditor.UsersField) is { } users
                ? [.. users.Select(user => Identifier.TryParse<UserId>(user.Id, out var id)
                    ? id : throw ApiProblem.InvalidRelationship(NotificationEditor.UsersField, "Each is a member of the organization."))]
                : null,
        };
    }

    private NotificationEdit ToEdit() => new()
    {
        Name = Name,
        Destination = DestinationType,
        Enabled = Enabled,
        Url = Url,
        Token = Token.IsSet ? Token.Value ?? "" : null,
        Triggers = Triggers,
        EmailAddresses = EmailAddresses,
    };
}

internal static class NotificationsApi
{
    public static void MapNotifications(this IEndpointRouteBuilder api)
    {
        api.MapGet("/workspaces/{id}/notification-configurations", async (
            string id, HttpContext context, OrchestratorDbContext db, NotificationResource notifications) =>
        {
            var workspace = new WorkspaceId(id);
            await RequireAsync(db.Workspaces.AnyAsync(row => row.Id == workspace, context.RequestAborted));
            return await ListAsync(db.NotificationConfigurations.Where(row => row.WorkspaceId == workspace), context, notifications);
        }).WithSummary("List the notification configurations of a workspace").ReturnsPage<NotificationResource>();
        api.MapPost("/workspaces/{id}/notification-configurations", async (
            string id, HttpContext context, OrchestratorDbContext db, NotificationEditor editor, NotificationResource notifications) =>
        {
            await RequireAsync(db.Workspaces.AnyAsync(row => row.Id == new WorkspaceId(id), context.RequestAborted));
            return await CreateAsync(new WorkspaceId(id), null, context, editor, notifications);
        }).WithSummary("Tell somebody about the runs of a workspace").Takes<NotificationRequest>().Creates<NotificationResource>();
        api.MapGet("/projects/{id}/notification-configurations", async (
            string id, HttpContext context, OrchestratorDbContext db, NotificationResource notifications) =>
        {
            var project = new ProjectId(id);
            await RequireAsync(db.Projects.AnyAsync(row => row.Id == project, context.RequestAborted));
            return await ListAsync(db.NotificationConfigurations.Where(row => row.ProjectId == project), context, notifications);
        }).WithSummary("List the notification configurations of a project").ReturnsPage<NotificationResource>();
        api.MapPost("/projects/{id}/notification-configurations", async (
            string id, HttpContext context, OrchestratorDbContext db, NotificationEditor editor, NotificationResource notifications) =>
        {
            await RequireAsync(db.Projects.AnyAsync(row => row.Id == new ProjectId(id), context.RequestAborted));
            return await CreateAsync(null, new ProjectId(id), context, editor, notifications);
        }).WithSummary("Tell somebody about the runs of a project's workspaces").Takes<NotificationRequest>().Creates<NotificationResource>();
        api.MapGet("/notification-configurations/{id}", (string id, HttpContext context, NotificationResource notifications) =>
            notifications.ShowAsync(id, context))
            .WithSummary("Show a notification configuration and its last deliveries").Returns<NotificationResource>();
        api.MapPatch("/notification-configurations/{id}", async (
            string id, HttpContext context, OrchestratorDbContext db, NotificationEditor editor, NotificationResource notifications) =>
        {
            await RequireAsync(db.NotificationConfigurations.AnyAsync(row => row.Id == new NotificationConfigurationId(id), context.RequestAborted));
            var wanted = await NotificationRequest.ReadAsync(context.Request);
            return await AnswerAsync(await editor.UpdateAsync(new NotificationConfigurationId(id), wanted, context.RequestAborted), context, notifications);
        }).WithSummary("Change a notification configuration").Takes<NotificationRequest>().Returns<NotificationResource>();
        api.MapDelete("/notification-configurations/{id}", async (string id, OrchestratorDbContext db, CancellationToken cancellationToken) =>
            await db.NotificationConfigurations.Where(row => row.Id == new NotificationConfigurationId(id)).ExecuteDeleteAsync(cancellationToken) == 1
                ? Results.NoContent()
                : throw ApiProblem.NotFound())
            .WithSummary("Delete a notification configuration").ReturnsNothing();
        api.MapPost("/notification-configurations/{id}/actions/verify", async (
            string id, HttpContext context, NotificationEditor editor, NotificationResource notifications) =>
            await AnswerAsync(await editor.VerifyAsync(new NotificationConfigurationId(id), context.RequestAborted), context, notifications))
            .WithSummary("Send a verification to whom a configuration names").Returns<NotificationResource>();
    }

    private static async Task RequireAsync(Task<bool> isThere)
    {
        if (!await isThere)
        {
            throw ApiProblem.NotFound();
        }
    }

    private static Task<JsonApiResult> ListAsync(
        IQueryable<NotificationConfiguration> configurations, HttpContext context, NotificationResource notifications) =>
        notifications.ShowPageOrAllAsync(
            NotificationResource.View(configurations.AsNoTracking().OrderBy(row => row.CreatedAt).ThenBy(row => row.Id)), context);

    private static async Task<IResult> CreateAsync(
        WorkspaceId? workspace, ProjectId? project, HttpContext context, NotificationEditor editor, NotificationResource notifications)
    {
        var wanted = await NotificationRequest.ReadAsync(context.Request);
        var result = await editor.CreateAsync(workspace, project, wanted, context.RequestAborted);
        return await notifications.ShowNewAsync(new NotificationView(Require(result)), context);
    }

    private static async Task<IResult> AnswerAsync(NotificationResult? result, HttpContext context, NotificationResource notifications) =>
        await notifications.ShowAsync(new NotificationView(Require(result ?? throw ApiProblem.NotFound())), context);

    private static NotificationConfiguration Require(NotificationResult result) => result.Configuration ?? throw (result.Field switch
    {
        null => ApiProblem.BadRequest(result.Refusal!),
        NotificationEditor.UsersField => ApiProblem.InvalidRelationship(NotificationEditor.UsersField, result.Refusal!),
        var field => ApiProblem.Invalid(field, result.Refusal!),
    });
}
