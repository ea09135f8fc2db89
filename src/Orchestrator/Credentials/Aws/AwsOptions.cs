namespace Orchestrator.Credentials.Aws;

/// <summary>Where AWS is. Section <c>Orchestrator:Aws</c>.</summary>
public sealed class AwsOptions
{
    /// <summary>An absolute URL instead of AWS's regional STS endpoints: the simulator's, or a private one.</summary>
    public string? StsEndpoint { get; set; }

    /// <summary>An absolute URL instead of AWS's S3 endpoints, for terraform's own S3 client. Only with a simulator.</summary>
    public string? S3Endpoint { get; set; }

    /// <summary>The region whose STS is asked when a workspace sets no <c>AWS_REGION</c>.</summary>
    public string DefaultRegion { get; set; } = "us-east-1";

    /// <summary>How long credentials are valid that are handed to terraform as values.</summary>
    /// <remarks>From 15 minutes to 12 hours; AWS refuses more than the role's own maximum.</remarks>
    public TimeSpan SessionDuration { get; set; } = TimeSpan.FromHours(1);
}
