using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;
using Orchestrator.Notifications;
using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

public sealed record NotificationAttributes(
    string Name, string DestinationType, bool Enabled, string? Url, IReadOnlyList<string> Triggers, IReadOnlyList<string> EmailAddresses,
    IReadOnlyList<DeliveryAttributes> DeliveryResponses, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>Never told.</summary>
    public string? Token => null;
}

/// <param name="Successful">Text: the public client drops the whole delivery when it is a boolean.</param>
public sealed record DeliveryAttributes(
    string? Url, string Code, string Body, IReadOnlyDictionary<string, IReadOnlyList<string>> Headers, DateTimeOffset? SentAt, string Successful);

/// <summary>A configuration with how its last notifications went.</summary>
internal sealed record NotificationView(NotificationConfiguration Configuration)
{
    public IReadOnlyList<NotificationDelivery> Deliveries { get; set; } = [];
}

internal sealed class NotificationResource(SecretBox secrets) : ResourceType<NotificationView, NotificationAttributes>("notification-configurations")
{
    protected override IReadOnlyList<Relation<NotificationView>> Relations { get; } =
    [
        Either("subscribable", [WorkspaceResource.Type, ProjectResource.Type], view => view.Configuration.WorkspaceId is { } workspace
            ? Relationship.One(WorkspaceResource.Type, workspace.Value)
            : Relationship.One(ProjectResource.Type, view.Configuration.ProjectId?.Value)),
        Many("users", People.Type, view => view.Configuration.Users.Select(user => user.Value)),
    ];

    protected override string IdOf(NotificationView row) => row.Configuration.Id.Value;

    protected override IQueryable<NotificationView> Rows(OrchestratorDbContext db, IReadOnlyList<string> ids)
    {
        var wanted = ids.Select(id => new NotificationConfigurationId(id)).ToArray();
        return View(db.NotificationConfigurations.Where(configuration => wanted.Contains(configuration.Id)));
    }

    protected override async Task GatherAsync(IReadOnlyList<NotificationView> rows, HttpContext context)
    {
        var db = context.RequestServices.GetRequiredService<OrchestratorDbContext>();
        var ids = rows.Select(view => view.Configuration.Id).ToArray();
        var deliveries = (await db.NotificationDeliveries.AsNoTracking()
            .Where(delivery => ids.Contains(delivery.ConfigurationId) && delivery.SentAt != null)
            .ToListAsync(context.RequestAborted)).ToLookup(delivery => delivery.ConfigurationId);
        foreach (var view in rows)
        {
            view.Deliveries = [.. deliveries[view.Configuration.Id].OrderByDescending(delivery => delivery.SentAt)];
        }
    }

    protected override NotificationAttributes Show(NotificationView row, HttpContext context)
    {
        var configuration = row.Configuration;
        var url = configuration.ProtectedUrl is { } sealedUrl ? secrets.UnprotectText(SecretKind.Notification, SealedPlaces.OfUrl(configuration.Id), sealedUrl) : null;
        return new NotificationAttributes(
            configuration.Name, EnumText.Of(configuration.Destination).Replace('_', '-'), configuration.Enabled, url, configuration.Triggers,
            configuration.EmailAddresses, [.. row.Deliveries.Select(delivery => Show(delivery, url))], configuration.CreatedAt, configuration.UpdatedAt);
    }

    public static IQueryable<NotificationView> View(IQueryable<NotificationConfiguration> configurations) =>
        configurations.Select(configuration => new NotificationView(configuration));

    private static DeliveryAttributes Show(NotificationDelivery delivery, string? url) => new(
        url, delivery.Code?.ToString(CultureInfo.InvariantCulture) ?? "", delivery.Body ?? "",
        delivery.HeadersJson is { } headers
            ? JsonSerializer.Deserialize<Dictionary<string, IReadOnlyList<string>>>(headers)!
            : new Dictionary<string, IReadOnlyList<string>>(),
        delivery.SentAt, delivery.Status == NotificationDeliveryStatus.Delivered ? "true" : "false");
}
