using System.Security.Cryptography;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;
using Orchestrator.Data;
using Orchestrator.Data.Secrets;

namespace Orchestrator.Notifications;

/// <summary>Sends one notification to one receiver, once.</summary>
public sealed class NotificationSender(
    WebhookClient webhooks, SecretBox secrets, IOptions<SmtpOptions> smtp, IOptions<NotificationOptions> options)
{
    public const string SignatureHeader = "X-TFE-Notification-Signature";

    public bool CanMail => !string.IsNullOrEmpty(smtp.Value.Host);

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
        if (!CanMail)
        {
            return Nothing("This installation has no mail server (Orchestrator__Smtp__Host).");
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.Timeout);
        var (subject, text) = NotificationPayloads.Mail(content);
        using var mail = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = text } };
        try
        {
            mail.From.Add(MailboxAddress.Parse(smtp.Value.From));
            // Nobody needs to know who else is told.
            mail.Bcc.AddRange(configuration.EmailAddresses.Select(MailboxAddress.Parse));
            using var client = new SmtpClient();
            await client.ConnectAsync(smtp.Value.Host!, smtp.Value.Port, smtp.Value.Security switch
            {
                SmtpSecurity.Tls => SecureSocketOptions.SslOnConnect,
                SmtpSecurity.None => SecureSocketOptions.None,
                _ => SecureSocketOptions.StartTls,
            }, limit.Token);
            if (!string.IsNullOrEmpty(smtp.Value.User))
            {
                await client.AuthenticateAsync(smtp.Value.User, smtp.Value.Password ?? "", limit.Token);
            }
            await client.SendAsync(mail, limit.Token);
            await client.DisconnectAsync(quit: true, limit.Token);
            return new WebhookAnswer(200, new Dictionary<string, IReadOnlyList<string>>(), "The mail server has taken it.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Nothing($"The mail server did not answer within {options.Value.Timeout.TotalSeconds:0.#} seconds.");
        }
        catch (Exception failed) when (failed is CommandException or ProtocolException or IOException or AuthenticationException
            or SslHandshakeException or System.Net.Sockets.SocketException or ParseException or NotSupportedException)
        {
            // The message may hold what the mail server said, and never the password.
            return Nothing($"The mail could not be sent ({failed.GetType().Name}).");
        }
    }

    private static WebhookAnswer Nothing(string why) => new(null, new Dictionary<string, IReadOnlyList<string>>(), why);
}
