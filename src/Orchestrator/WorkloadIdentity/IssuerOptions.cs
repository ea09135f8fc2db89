namespace Orchestrator.WorkloadIdentity;

/// <summary>Who signs the tokens. Section <c>Orchestrator</c>.</summary>
public sealed class IssuerOptions
{
    /// <summary>The token's <c>iss</c>: an absolute URL without a closing slash, under which relying parties fetch
    /// <c>/.well-known/openid-configuration</c>. Never taken from a request. Default: the public address.</summary>
    public string Issuer { get; set; } = "";
}
