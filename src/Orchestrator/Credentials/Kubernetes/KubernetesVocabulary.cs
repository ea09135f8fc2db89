namespace Orchestrator.Credentials.Kubernetes;

/// <summary>The variables <c>TFC_KUBERNETES_*</c>. Who one is in the cluster is the token's subject; the cluster's address and
/// certificate are the user's own.</summary>
public static class KubernetesVocabulary
{
    public static readonly CloudSetting Audience = CloudSetting.Audience(byDefault: null) with { Required = _ => true };

    public static CloudVocabulary Instance { get; } = new("KUBERNETES")
    {
        Settings = [Audience],
        Rivals = ["KUBE_TOKEN", "KUBE_USER", "KUBE_PASSWORD", "KUBE_CLIENT_CERT_DATA", "KUBE_CLIENT_KEY_DATA"],
    };
}
