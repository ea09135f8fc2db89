using Orchestrator.Data;

namespace Orchestrator.Notifications;

/// <summary>Where mail to a member goes.</summary>
/// <param name="User">As they were named.</param>
/// <param name="Address">Null when the member's account has none, or there is only an invitation.</param>
public sealed record MemberMailbox(UserId User, string? Address);

/// <summary>Knows who belongs to an organisation, and may read what.</summary>
public interface IMemberMailboxes
{
    /// <param name="configuration">Of whose organisation they are to be, now.</param>
    /// <param name="workspace">Those who may read its runs alone; null: whatever they may.</param>
    /// <returns>Those of the users who are members.</returns>
    Task<IReadOnlyList<MemberMailbox>> OfAsync(
        NotificationConfiguration configuration, IReadOnlyList<UserId> users, WorkspaceId? workspace, CancellationToken cancellationToken);
}
