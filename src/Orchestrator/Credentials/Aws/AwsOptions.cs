using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Credentials.Aws;

/// <summary>Where AWS is, and how long its sessions are. Section <c>Orchestrator:Aws</c>.</summary>
public sealed class AwsOptions
{
    /// <summary>An absolute URL instead of AWS's regional STS endpoints: the simulator's, or a private one.</summary>
    public string? StsEndpoint { get; set; }

    /// <summary>An absolute URL instead of AWS's S3 endpoints, for terraform's own S3 client. Only with a simulator.</summary>
    public string? S3Endpoint { get; set; }

    /// <summary>The region whose STS is asked when a workspace sets no <c>AWS_REGION</c>.</summary>
    public string DefaultRegion { get; set; } = "us-east-1";

    /// <summary>How long one answer of STS is waited for. It is asked up to five times.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ErrorMessage = "Orchestrator__Aws__CallTimeout is from one second to five minutes, such as 00:00:10.")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long keys are valid that are handed to terraform as values. Default: as long as the phase may take, and at most as
    /// long as the role allows.</summary>
    /// <remarks>From 15 minutes to 12 hours.</remarks>
    public TimeSpan? SessionDuration { get; set; }

    /// <summary>How long keys are valid that are renewed while the phase runs. AWS gives none for less than 15 minutes.</summary>
    public TimeSpan RenewedSessionDuration { get; set; } = TimeSpan.FromMinutes(15);
}
