using System.Text.RegularExpressions;

namespace Orchestrator.Credentials.Gcp;

/// <summary>The variables <c>TFC_GCP_*</c>.</summary>
public static partial class GcpVocabulary
{
    private const string AsServiceAccount = "service_account";
    private const string AsWorkloadPool = "workload_pool";

    public static readonly CloudSetting PrincipalType = new("PRINCIPAL_TYPE", "principal type")
    {
        Default = AsServiceAccount,
        Fault = value => value is AsServiceAccount or AsWorkloadPool ? null : $"is neither '{AsServiceAccount}' nor '{AsWorkloadPool}'.",
    };

    public static readonly CloudSetting ServiceAccount = new("SERVICE_ACCOUNT_EMAIL", "service account")
    {
        PerPhase = true,
        Required = IsServiceAccount,
        Fault = value => Email().IsMatch(value)
            ? null
            : "is not a service account's e-mail address. It looks like 'name@project.iam.gserviceaccount.com'.",
    };

    public static readonly CloudSetting ProviderName = new("WORKLOAD_PROVIDER_NAME", "workload identity provider")
    {
        // Where none of the parts is given either, the whole name is what to ask for.
        Required = configuration => Parts!.All(part => configuration[part] is null),
        Fault = value => FullName().IsMatch(value)
            ? null
            : "is not a workload identity provider's name. It looks like "
                + "'projects/123456789012/locations/global/workloadIdentityPools/POOL/providers/PROVIDER'.",
    };

    public static readonly CloudSetting ProjectNumber = new("PROJECT_NUMBER", "project number")
    {
        Required = IsGivenInParts,
        Fault = value => value.All(char.IsAsciiDigit) ? null : "is not a project's number. It has digits only; the project's id is something else.",
    };

    public static readonly CloudSetting PoolId = new("WORKLOAD_POOL_ID", "workload identity pool")
    {
        Required = IsGivenInParts,
        Fault = value => Id().IsMatch(value) ? null : "is not a pool's id. It consists of lower case letters, digits and '-'.",
    };

    public static readonly CloudSetting ProviderId = new("WORKLOAD_PROVIDER_ID", "workload identity provider in the pool")
    {
        Required = IsGivenInParts,
        Fault = value => Id().IsMatch(value) ? null : "is not a provider's id. It consists of lower case letters, digits and '-'.",
    };

    /// <summary>By default the provider's own address, see <see cref="ProviderOf"/>.</summary>
    public static readonly CloudSetting Audience = CloudSetting.Audience(byDefault: null);

    private static readonly CloudSetting[] Parts = [ProjectNumber, PoolId, ProviderId];

    public static CloudVocabulary Instance { get; } = new("GCP")
    {
        Settings = [PrincipalType, ServiceAccount, ProviderName, .. Parts, Audience],
        Rivals =
        [
            "GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_BACKEND_CREDENTIALS", "GOOGLE_CLOUD_KEYFILE_JSON",
            "GCLOUD_KEYFILE_JSON", "GOOGLE_OAUTH_ACCESS_TOKEN",
        ],
    };

    /// <summary>Else the pool's principal is who one is.</summary>
    public static bool IsServiceAccount(CloudConfiguration configuration) => configuration[PrincipalType] == AsServiceAccount;

    /// <summary>The provider's address in Google's IAM; its whole name comes before its parts.</summary>
    public static string ProviderOf(CloudConfiguration configuration) => "//iam.googleapis.com/" + (configuration[ProviderName]
        ?? $"projects/{configuration.Need(ProjectNumber)}/locations/global/workloadIdentityPools/{configuration.Need(PoolId)}"
            + $"/providers/{configuration.Need(ProviderId)}");

    private static bool IsGivenInParts(CloudConfiguration configuration) =>
        configuration[ProviderName] is null && Parts.Any(part => configuration[part] is not null);

    [GeneratedRegex(@"\A[A-Za-z0-9._-]+@[A-Za-z0-9.-]+\z")]
    private static partial Regex Email();

    [GeneratedRegex(@"\Aprojects/\d+/locations/[a-z0-9-]+/workloadIdentityPools/[a-z0-9-]+/providers/[a-z0-9-]+\z")]
    private static partial Regex FullName();

    [GeneratedRegex(@"\A[a-z0-9-]+\z")]
    private static partial Regex Id();
}
