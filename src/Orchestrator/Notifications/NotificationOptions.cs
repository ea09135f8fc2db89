using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Notifications;

/// <summary>How notifications leave. Section <c>Orchestrator:Notifications</c>.</summary>
public sealed class NotificationOptions
{
    /// <summary>Also to addresses inside: loopback, private networks, link-local. Whoever may configure a notification can then make
    /// this server call whatever it reaches. Default: no.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>How long a receiver may take to answer. Default ten seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The address of this installation in links. Default: the issuer's.</summary>
    public string? PublicAddress { get; set; }
}

/// <summary>The mail server. Section <c>Orchestrator:Smtp</c>.</summary>
public sealed class SmtpOptions
{
    /// <summary>Null: this installation sends no mail.</summary>
    public string? Host { get; set; }

    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    public string? User { get; set; }

    public string? Password { get; set; }

    public string From { get; set; } = "orchestrator@localhost";

    /// <summary><c>StartTls</c> (default), <c>Tls</c> or <c>None</c>.</summary>
    public SmtpSecurity Security { get; set; } = SmtpSecurity.StartTls;
}

public enum SmtpSecurity
{
    StartTls,
    Tls,
    None,
}
