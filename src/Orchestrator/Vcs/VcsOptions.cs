using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Vcs;

/// <summary>Version control. Section <c>Orchestrator:Vcs</c>.</summary>
public sealed class VcsOptions
{
    /// <summary>Also servers inside: loopback, private networks, link-local. Whoever may make connections can then have this server call
    /// whatever it reaches. Default: no.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>Also servers without TLS, to whom tokens go in the clear. Default: no.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Bytes of one delivery. Default 5 MiB.</summary>
    [Range(1024, 100 * 1024 * 1024)]
    public int MaxDeliveryBytes { get; set; } = 5 * 1024 * 1024;

    /// <summary>Bytes that git may write while it fetches one commit. Default 1 GiB.</summary>
    [Range(1024, long.MaxValue)]
    public long MaxFetchBytes { get; set; } = 1024L * 1024 * 1024;

    /// <summary>Bytes of a packed configuration. Default 100 MiB.</summary>
    [Range(1024, int.MaxValue)]
    public int MaxArchiveBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>How long fetching one commit may take, with its submodules. Default two minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan FetchTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long a service may take for one answer. Default fifteen seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:02:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Deliveries that are handled at a time. Default four.</summary>
    [Range(1, 100)]
    public int Workers { get; set; } = 4;

    /// <summary>How long the delivery log is kept. Default thirty days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan KeepDeliveries { get; set; } = TimeSpan.FromDays(30);

    /// <summary>The address of this installation, for services that are to send deliveries, and in links. Default: the issuer's.</summary>
    public string? PublicAddress { get; set; }
}
