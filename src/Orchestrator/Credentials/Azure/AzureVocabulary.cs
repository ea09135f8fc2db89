namespace Orchestrator.Credentials.Azure;

/// <summary>The variables <c>TFC_AZURE_*</c>. Tenant and subscription are the user's own: <c>ARM_TENANT_ID</c>,
/// <c>ARM_SUBSCRIPTION_ID</c>, or the provider's arguments.</summary>
public static class AzureVocabulary
{
    public static readonly CloudSetting ClientId = new("CLIENT_ID", "client id")
    {
        PerPhase = true,
        Required = _ => true,
        Fault = value => Guid.TryParseExact(value, "D", out _)
            ? null
            : "is not a client id. It looks like '01234567-89ab-cdef-0123-456789abcdef'.",
    };

    public static readonly CloudSetting Audience = CloudSetting.Audience("api://AzureADTokenExchange");

    public static CloudVocabulary Instance { get; } = new("AZURE")
    {
        Settings = [ClientId, Audience],
        Rivals =
        [
            "ARM_CLIENT_ID", "ARM_CLIENT_ID_FILE_PATH", "ARM_USE_OIDC", "ARM_OIDC_TOKEN", "ARM_OIDC_TOKEN_FILE_PATH", "ARM_OIDC_REQUEST_TOKEN",
            "ARM_OIDC_REQUEST_URL", "ARM_CLIENT_SECRET", "ARM_CLIENT_SECRET_FILE_PATH", "ARM_CLIENT_CERTIFICATE", "ARM_CLIENT_CERTIFICATE_PATH",
            "ARM_USE_MSI",
        ],
    };
}
