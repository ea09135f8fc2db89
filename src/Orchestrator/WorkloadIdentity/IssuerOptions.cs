namespace Orchestrator.WorkloadIdentity;

/// <summary>Who signs the tokens. Section <c>Orchestrator</c>.</summary>
public sealed class IssuerOptions
{
    /// <summary>The token's <c>iss</c>: an absolute URL without a closing slash, under which relying parties fetch
    /// <c>/.well-known/openid-configuration</c>. Never taken from a request. Default: the public address.</summary>
    public string Issuer
    {
        get;
        set => field = value.TrimEnd('/');
    } = "";

    /// <summary>Whether relying parties may read a copy of the documents that somebody has to publish, so that a rotation must look
    /// first whether the next key is in it. Default: unless <see cref="Issuer"/> is on this machine; where the issuer's address leads to
    /// this server, the look finds the server's own answer.</summary>
    public bool? IssuerIsElsewhere { get; set; }

    public bool IsElsewhere => IssuerIsElsewhere ?? (Uri.TryCreate(Issuer, UriKind.Absolute, out var url) && !url.IsLoopback);
}
