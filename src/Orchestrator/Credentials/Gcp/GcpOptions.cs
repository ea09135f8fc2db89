namespace Orchestrator.Credentials.Gcp;

/// <summary>Where Google is. Section <c>Orchestrator:Gcp</c>.</summary>
public sealed class GcpOptions
{
    /// <summary>An absolute URL without a closing slash: where a token is traded. Another one for a private way there.</summary>
    public string StsEndpoint { get; set; } = "https://sts.googleapis.com";

    /// <summary>An absolute URL without a closing slash: where one becomes a service account.</summary>
    public string IamCredentialsEndpoint { get; set; } = "https://iamcredentials.googleapis.com";
}
