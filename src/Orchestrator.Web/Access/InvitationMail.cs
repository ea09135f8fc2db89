using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Access.SignIn;
using Orchestrator.Data;
using Orchestrator.Notifications;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Web.Access;

/// <summary>Tells the invited, where the installation has a mail server. Elsewhere the inviter hands the link on.</summary>
internal sealed partial class InvitationMail(
    Mailer mailer, Invitations invitations, SignInEvents events, IDbContextFactory<OrchestratorDbContext> databases,
    IOptions<NotificationOptions> notifications, IOptions<IssuerOptions> issuer, ILogger<InvitationMail> logger)
{
    /// <summary>Sends it to an address that is invited.</summary>
    /// <returns>False when nothing was sent: then the inviter needs a link.</returns>
    public async Task<bool> SendAsync(OrganizationMembership membership, HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var organization = await db.Organizations.Where(row => row.Id == membership.OrganizationId).Select(row => row.Name).FirstAsync(cancellationToken);
        await events.RaiseAsync(SignInEventKind.Invited, Caller.Of(context).UserId, context.Origin(), cancellationToken, detail: organization);
        if (!mailer.CanMail || membership is not { Status: MembershipStatus.Invited, Email: { } address }
            || await invitations.MakeLinkAsync(membership.Id, isMailed: true, cancellationToken) is not { } code)
        {
            return false;
        }
        // Not the name by which the inviter has reached us: they may have made it up.
        var server = (notifications.Value.PublicAddress ?? issuer.Value.Issuer).TrimEnd('/');
        var answer = await mailer.SendAsync([address], $"An invitation to {organization}", $"""
            {Caller.Of(context).Name} invites you to the organization {organization} on Orchestrator.

            Accept within seven days: {server}{InvitationEndpoints.Path}{code}

            The link works once. If you do not know what this is about, do nothing.
            """, cancellationToken);
        if (!answer.IsTaken)
        {
            Log.NotSent(logger, organization, answer.Said);
        }
        return answer.IsTaken;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An invitation to {Organization} was not mailed. {Reason}")]
        public static partial void NotSent(ILogger logger, string organization, string reason);
    }
}
