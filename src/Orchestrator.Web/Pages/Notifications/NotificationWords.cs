using Orchestrator.Notifications;

namespace Orchestrator.Web.Pages.Notifications;

/// <summary>Where notifications go and what they tell, in words.</summary>
internal static class NotificationWords
{
    public static readonly (string Value, NotificationDestination Destination, string Words)[] Destinations =
    [
        ("generic", NotificationDestination.Generic, "A webhook, in JSON"),
        ("slack", NotificationDestination.Slack, "Slack"),
        ("microsoft-teams", NotificationDestination.MicrosoftTeams, "Microsoft Teams"),
        ("email", NotificationDestination.Email, "E-mail"),
    ];

    public static readonly (string Trigger, string Words)[] Triggers =
    [
        (NotificationTriggers.Created, "A run is created"),
        (NotificationTriggers.Planning, "A plan starts"),
        (NotificationTriggers.NeedsAttention, "A run waits for somebody"),
        (NotificationTriggers.Applying, "An apply starts"),
        (NotificationTriggers.Completed, "A run ends well"),
        (NotificationTriggers.Errored, "A run fails"),
    ];

    public static string Of(NotificationDestination destination) => destination == NotificationDestination.Generic
        ? "Webhook"
        : Array.Find(Destinations, row => row.Destination == destination).Words;

    public static string Of(string trigger) => trigger == NotificationTriggers.Verification
        ? "A test"
        : Array.Find(Triggers, row => row.Trigger == trigger).Words ?? trigger;

    public static string Of(NotificationDeliveryStatus status) => status switch
    {
        NotificationDeliveryStatus.Pending => "is tried again",
        NotificationDeliveryStatus.Delivered => "delivered",
        NotificationDeliveryStatus.Failed => "given up",
    };

    public static string ToneOf(NotificationDeliveryStatus status) => status switch
    {
        NotificationDeliveryStatus.Pending => "busy",
        NotificationDeliveryStatus.Delivered => "ok",
        NotificationDeliveryStatus.Failed => "bad",
    };
}
