namespace Orchestrator.Notifications;

/// <summary>What a notification is about.</summary>
public sealed record NotificationContent(string ConfigurationId, string ConfigurationName, string Trigger, string Message)
{
    /// <summary>Null for a verification.</summary>
    public NotificationRun? Run { get; init; }
}

public sealed record NotificationRun(
    string Id, string Url, string? Message, DateTimeOffset CreatedAt, string CreatedBy, string WorkspaceId, string WorkspaceName,
    string OrganizationName, string Status, DateTimeOffset UpdatedAt, string? UpdatedBy);
