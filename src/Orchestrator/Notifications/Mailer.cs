using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Options;
using MimeKit;

namespace Orchestrator.Notifications;

/// <summary>Whether the mail server has taken a mail.</summary>
/// <param name="Said">In a sentence. It never holds what the mail server or the mail says.</param>
public sealed record MailAnswer(bool IsTaken, string Said);

/// <summary>Hands mails to the installation's mail server.</summary>
public sealed class Mailer(IOptions<SmtpOptions> smtp, IOptions<NotificationOptions> options)
{
    /// <summary>False: there is no mail server.</summary>
    public bool CanMail => !string.IsNullOrEmpty(smtp.Value.Host);

    /// <param name="addresses">Nobody learns who else is told.</param>
    public async Task<MailAnswer> SendAsync(IEnumerable<string> addresses, string subject, string text, CancellationToken cancellationToken)
    {
        if (!CanMail)
        {
            return new MailAnswer(false, "This installation has no mail server. Its operator sets one with Orchestrator__Smtp__Host.");
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.Timeout);
        using var mail = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = text } };
        try
        {
            mail.From.Add(MailboxAddress.Parse(smtp.Value.From));
            mail.Bcc.AddRange(addresses.Select(MailboxAddress.Parse));
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
            return new MailAnswer(true, "The mail server has taken it.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new MailAnswer(false, $"The mail server did not answer within {options.Value.Timeout.TotalSeconds:0.#} seconds.");
        }
        catch (Exception failed) when (failed is CommandException or ServiceNotAuthenticatedException or ProtocolException or IOException or AuthenticationException
            or SslHandshakeException or System.Net.Sockets.SocketException or ParseException or NotSupportedException)
        {
            return new MailAnswer(false, WhyNot(failed));
        }
    }

    /// <summary>In our own words: what the mail server says may hold anything.</summary>
    private static string WhyNot(Exception failed) => failed switch
    {
        AuthenticationException or ServiceNotAuthenticatedException => "The mail server does not take this installation's user and password.",
        SslHandshakeException => "There is no TLS with the mail server, or its certificate is not a known one.",
        System.Net.Sockets.SocketException or IOException => "The mail server cannot be reached.",
        ParseException => "One of the addresses is none.",
        NotSupportedException => "The mail server offers no way to encrypt the connection, or none to sign in.",
        _ => "The mail server has refused it.",
    };
}
