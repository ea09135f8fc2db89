using System.Security.Cryptography;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Notifications;

/// <summary>Sends one notification to one receiver, once.</summary>
public sealed class NotificationSender(WebhookClient webhooks, SecretBox secrets, Mailer mailer, IMemberMailboxes members)
{
    public const string SignatureHeader = "X-TFE-Notification-Signature";

    public async Task<WebhookAnswer> SendAsync(
        NotificationConfiguration configuration, NotificationContent content, CancellationToken cancellationToken)
    {
        if (configuration.Destination == NotificationDestination.Email)
        {
            return await MailAsync(configuration, content, cancellationToken);
        }
        var body = configuration.Destination switch
        {
            NotificationDestination.Slack => NotificationPayloads.Slack(content),
            NotificationDestination.MicrosoftTeams => NotificationPayloads.Teams(content),
            _ => NotificationPayloads.Generic(content),
        };
        var headers = new Dictionary<string, string>();
        if (configuration is { Destination: NotificationDestination.Generic, ProtectedToken: { } token })
        {
            headers[SignatureHeader] = Convert.ToHexStringLower(HMACSHA512.HashData(secrets.Unprotect(SecretKind.Notification, SealedPlaces.OfToken(configuration.Id), token), body));
        }
        var url = new Uri(secrets.UnprotectText(SecretKind.Notification, SealedPlaces.OfUrl(configuration.Id), configuration.ProtectedUrl!));
        return await webhooks.PostAsync(url, body, headers, cancellationToken);
    }

    private async Task<WebhookAnswer> MailAsync(
        NotificationConfiguration configuration, NotificationContent content, CancellationToken cancellationToken)
    {
        var (subject, text) = NotificationPayloads.Mail(content);
        // Who has left the organisation, or may not read the run, is told nothing of it.
        var told = await members.OfAsync(
            configuration, configuration.Users, content.Run is { } run ? new WorkspaceId(run.WorkspaceId) : null, cancellationToken);
        string[] addresses =
        [
            .. configuration.EmailAddresses.Concat(told.Select(member => member.Address).OfType<string>()).Distinct(StringComparer.OrdinalIgnoreCase),
        ];
        var answer = addresses.Length > 0
            ? await mailer.SendAsync(addresses, subject, text, cancellationToken)
            : new MailAnswer(false, "It names nobody who has a mail address in their profile and may read the run.");
        return new WebhookAnswer(answer.IsTaken ? 200 : null, new Dictionary<string, IReadOnlyList<string>>(), answer.Said);
    }
}
