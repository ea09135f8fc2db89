using System.Security.Cryptography;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Notifications;

/// <summary>Sends one notification to one receiver, once.</summary>
public sealed class NotificationSender(WebhookClient webhooks, SecretBox secrets, Mailer mailer)
{
    public const string SignatureHeader = "X-TFE-Notification-Signature";

    public bool CanMail => mailer.CanMail;

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
        var answer = await mailer.SendAsync(configuration.EmailAddresses, subject, text, cancellationToken);
        return new WebhookAnswer(answer.IsTaken ? 200 : null, new Dictionary<string, IReadOnlyList<string>>(), answer.Said);
    }
}
