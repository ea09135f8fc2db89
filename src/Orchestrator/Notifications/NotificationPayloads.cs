using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Notifications;

/// <summary>Notifications as each kind of receiver reads them.</summary>
internal static class NotificationPayloads
{
    /// <summary>The documented document, member by member; receivers check its signature over these very bytes.</summary>
    public static byte[] Generic(NotificationContent content)
    {
        var run = content.Run;
        return Bytes(new JsonObject
        {
            ["payload_version"] = 1,
            ["notification_configuration_id"] = content.ConfigurationId,
            ["run_url"] = run?.Url,
            ["run_id"] = run?.Id,
            ["run_message"] = run?.Message,
            ["run_created_at"] = Instant(run?.CreatedAt),
            ["run_created_by"] = run?.CreatedBy,
            ["workspace_id"] = run?.WorkspaceId,
            ["workspace_name"] = run?.WorkspaceName,
            ["organization_name"] = run?.OrganizationName,
            ["notifications"] = new JsonArray(new JsonObject
            {
                ["message"] = content.Message,
                ["trigger"] = content.Trigger,
                ["run_status"] = run?.Status,
                ["run_updated_at"] = Instant(run?.UpdatedAt),
                ["run_updated_by"] = run?.UpdatedBy,
            }),
        });
    }

    public static byte[] Slack(NotificationContent content)
    {
        var text = content.Run is { } run
            ? $"*{Escape(content.Message)}*\n<{run.Url}|{run.Id}> in {Escape(run.OrganizationName)}/{Escape(run.WorkspaceName)}: {Escape(run.Message ?? "")}"
            : Escape(content.Message);
        return Bytes(new JsonObject { ["text"] = text });
    }

    /// <summary>An adaptive card, which incoming webhooks and workflows of Teams take alike.</summary>
    public static byte[] Teams(NotificationContent content)
    {
        var body = new JsonArray(Block(content.Message, "Bolder"));
        var card = new JsonObject
        {
            ["$schema"] = "http://adaptivecards.io/schemas/adaptive-card.json",
            ["type"] = "AdaptiveCard",
            ["version"] = "1.4",
            ["body"] = body,
        };
        if (content.Run is { } run)
        {
            body.Add(Block($"{run.OrganizationName}/{run.WorkspaceName}: {run.Message}", "Default"));
            card["actions"] = new JsonArray(new JsonObject { ["type"] = "Action.OpenUrl", ["title"] = run.Id, ["url"] = run.Url });
        }
        return Bytes(new JsonObject
        {
            ["type"] = "message",
            ["attachments"] = new JsonArray(new JsonObject
            {
                ["contentType"] = "application/vnd.microsoft.card.adaptive",
                ["content"] = card,
            }),
        });
    }

    public static (string Subject, string Text) Mail(NotificationContent content)
    {
        if (content.Run is not { } run)
        {
            return (content.Message, content.Message);
        }
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"{content.Message}.").AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"Run:       {run.Id} ({run.Status})")
            .AppendLine(CultureInfo.InvariantCulture, $"Message:   {run.Message}")
            .AppendLine(CultureInfo.InvariantCulture, $"Workspace: {run.OrganizationName}/{run.WorkspaceName}")
            .AppendLine(CultureInfo.InvariantCulture, $"Asked by:  {run.CreatedBy}").AppendLine()
            .AppendLine(run.Url);
        return ($"{content.Message}: {run.OrganizationName}/{run.WorkspaceName}", text.ToString());
    }

    private static JsonObject Block(string text, string weight) => new()
    {
        ["type"] = "TextBlock", ["text"] = text, ["weight"] = weight, ["wrap"] = true,
    };

    // In angle brackets, Slack reads commands: somebody's message would call the whole channel.
    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal);

    private static string? Instant(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static byte[] Bytes(JsonObject document) => JsonSerializer.SerializeToUtf8Bytes(document);
}
