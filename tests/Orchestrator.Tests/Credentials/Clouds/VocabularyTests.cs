using System.Text;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Azure;
using Orchestrator.Credentials.Gcp;
using Orchestrator.Credentials.Kubernetes;
using Orchestrator.Credentials.Vault;
using Orchestrator.Tests.Support;

namespace Orchestrator.Tests.Credentials.Clouds;

/// <summary>The rules that all clouds share are tested with AWS's names; these are each cloud's own.</summary>
public sealed class VocabularyTests
{
    private const string Id = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    private const string Other = "11111111-2222-3333-4444-555555555555";
    private const string Mail = "deploy@acme.iam.gserviceaccount.com";
    private const string Provider = "projects/1/locations/global/workloadIdentityPools/pool/providers/p";

    private static readonly Dictionary<string, CloudVocabulary> Clouds = new[]
    {
        AzureVocabulary.Instance, GcpVocabulary.Instance, VaultVocabulary.Instance, KubernetesVocabulary.Instance,
    }.ToDictionary(cloud => cloud.Cloud);

    // The cloud, what the workspace sets => what the plan gets, what the apply gets. A star stands for a default.
    public static TheoryData<string, string, string, string> Precedence => new()
    {
        { "AZURE", $"RUN_CLIENT_ID={Id}", "off", "off" },
        { "AZURE", $"PROVIDER_AUTH=true RUN_CLIENT_ID={Id}", $"CLIENT_ID={Id} WORKLOAD_IDENTITY_AUDIENCE=*api://AzureADTokenExchange", $"CLIENT_ID={Id} WORKLOAD_IDENTITY_AUDIENCE=*api://AzureADTokenExchange" },
        { "AZURE", $"PROVIDER_AUTH=true RUN_CLIENT_ID={Id} PLAN_CLIENT_ID={Other} DEFAULT:WORKLOAD_IDENTITY_AUDIENCE=mine", $"CLIENT_ID={Other} WORKLOAD_IDENTITY_AUDIENCE=mine", $"CLIENT_ID={Id} WORKLOAD_IDENTITY_AUDIENCE=mine" },
        { "AZURE", $"PROVIDER_AUTH_B=true RUN_CLIENT_ID={Id} DEFAULT:APPLY_CLIENT_ID={Other} RUN_CLIENT_ID_B={Id} WORKLOAD_IDENTITY_AUDIENCE_B=mine", $"[B] CLIENT_ID={Id} WORKLOAD_IDENTITY_AUDIENCE=mine", $"[B] CLIENT_ID={Id} WORKLOAD_IDENTITY_AUDIENCE=mine" },
        { "KUBERNETES", "PROVIDER_AUTH=true WORKLOAD_IDENTITY_AUDIENCE=kubernetes", "WORKLOAD_IDENTITY_AUDIENCE=kubernetes", "WORKLOAD_IDENTITY_AUDIENCE=kubernetes" },
        { "KUBERNETES", "PROVIDER_AUTH=true PROVIDER_AUTH_B=true DEFAULT:WORKLOAD_IDENTITY_AUDIENCE=all WORKLOAD_IDENTITY_AUDIENCE=one", "WORKLOAD_IDENTITY_AUDIENCE=one; [B] WORKLOAD_IDENTITY_AUDIENCE=all", "WORKLOAD_IDENTITY_AUDIENCE=one; [B] WORKLOAD_IDENTITY_AUDIENCE=all" },
        { "GCP", $"PROVIDER_AUTH=true WORKLOAD_PROVIDER_NAME={Provider} PLAN_SERVICE_ACCOUNT_EMAIL={Mail} APPLY_SERVICE_ACCOUNT_EMAIL=x{Mail}", $"PRINCIPAL_TYPE=*service_account SERVICE_ACCOUNT_EMAIL={Mail} WORKLOAD_PROVIDER_NAME={Provider}", $"PRINCIPAL_TYPE=*service_account SERVICE_ACCOUNT_EMAIL=x{Mail} WORKLOAD_PROVIDER_NAME={Provider}" },
        { "GCP", "PROVIDER_AUTH=true PRINCIPAL_TYPE=workload_pool PROJECT_NUMBER=1 WORKLOAD_POOL_ID=pool DEFAULT:WORKLOAD_PROVIDER_ID=p", "PRINCIPAL_TYPE=workload_pool PROJECT_NUMBER=1 WORKLOAD_POOL_ID=pool WORKLOAD_PROVIDER_ID=p", "PRINCIPAL_TYPE=workload_pool PROJECT_NUMBER=1 WORKLOAD_POOL_ID=pool WORKLOAD_PROVIDER_ID=p" },
        { "GCP", $"PROVIDER_AUTH_B=true DEFAULT:PRINCIPAL_TYPE=workload_pool PRINCIPAL_TYPE_B=service_account RUN_SERVICE_ACCOUNT_EMAIL_B={Mail} WORKLOAD_PROVIDER_NAME_B={Provider}", $"[B] PRINCIPAL_TYPE=service_account SERVICE_ACCOUNT_EMAIL={Mail} WORKLOAD_PROVIDER_NAME={Provider}", $"[B] PRINCIPAL_TYPE=service_account SERVICE_ACCOUNT_EMAIL={Mail} WORKLOAD_PROVIDER_NAME={Provider}" },
        { "VAULT", "PROVIDER_AUTH=true ADDR=https://vault:8200 RUN_ROLE=r", "ADDR=https://vault:8200 ROLE=r AUTH_PATH=*jwt CLIENT_TIMEOUT=*60 WORKLOAD_IDENTITY_AUDIENCE=*vault.workload.identity", "ADDR=https://vault:8200 ROLE=r AUTH_PATH=*jwt CLIENT_TIMEOUT=*60 WORKLOAD_IDENTITY_AUDIENCE=*vault.workload.identity" },
        { "VAULT", "PROVIDER_AUTH_B=true DEFAULT:ADDR=https://vault NAMESPACE_B=admin/team PLAN_ROLE_B=p APPLY_ROLE_B=a AUTH_PATH_B=team/jwt CLIENT_TIMEOUT_B=5 DEFAULT:WORKLOAD_IDENTITY_AUDIENCE=v", "[B] ADDR=https://vault NAMESPACE=admin/team ROLE=p AUTH_PATH=team/jwt CLIENT_TIMEOUT=5 WORKLOAD_IDENTITY_AUDIENCE=v", "[B] ADDR=https://vault NAMESPACE=admin/team ROLE=a AUTH_PATH=team/jwt CLIENT_TIMEOUT=5 WORKLOAD_IDENTITY_AUDIENCE=v" },
        // HCP Terraform's Vault-backed credentials are another thing, and no configuration of Vault's.
        { "VAULT", "BACKED_AWS_AUTH=true BACKED_AWS_AUTH_TYPE=iam_user", "off", "off" },
    };

    // The cloud, what the workspace sets => what is said about it, in the plan.
    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "AZURE", "PROVIDER_AUTH=true", "PROVIDER_AUTH is 'true', but no client id is set for the plan phase. Set PLAN_CLIENT_ID or RUN_CLIENT_ID or DEFAULT:PLAN_CLIENT_ID or DEFAULT:RUN_CLIENT_ID as an environment variable of the workspace." },
        { "AZURE", "PROVIDER_AUTH=true RUN_CLIENT_ID=me", "The variable RUN_CLIENT_ID is 'me', which is not a client id. It looks like '01234567-89ab-cdef-0123-456789abcdef'." },
        { "KUBERNETES", "PROVIDER_AUTH=true", "PROVIDER_AUTH is 'true', but no audience is set. Set WORKLOAD_IDENTITY_AUDIENCE or DEFAULT:WORKLOAD_IDENTITY_AUDIENCE as an environment variable of the workspace." },
        { "KUBERNETES", "PROVIDER_AUTH=true WORKLOAD_IDENTITY_AUDIENCE=k PROVIDER_AUTH_B=true", "PROVIDER_AUTH_B is 'true', but no audience is set. Set WORKLOAD_IDENTITY_AUDIENCE_B or DEFAULT:WORKLOAD_IDENTITY_AUDIENCE as an environment variable of the workspace." },
        { "GCP", $"PROVIDER_AUTH=true RUN_SERVICE_ACCOUNT_EMAIL={Mail}", "PROVIDER_AUTH is 'true', but no workload identity provider is set. Set WORKLOAD_PROVIDER_NAME or DEFAULT:WORKLOAD_PROVIDER_NAME as an environment variable of the workspace." },
        { "GCP", $"PROVIDER_AUTH=true RUN_SERVICE_ACCOUNT_EMAIL={Mail} PROJECT_NUMBER=1 WORKLOAD_PROVIDER_ID=p", "PROVIDER_AUTH is 'true', but no workload identity pool is set. Set WORKLOAD_POOL_ID or DEFAULT:WORKLOAD_POOL_ID as an environment variable of the workspace." },
        { "GCP", $"PROVIDER_AUTH=true WORKLOAD_PROVIDER_NAME={Provider} APPLY_SERVICE_ACCOUNT_EMAIL={Mail}", "PROVIDER_AUTH is 'true', but no service account is set for the plan phase. Set PLAN_SERVICE_ACCOUNT_EMAIL or RUN_SERVICE_ACCOUNT_EMAIL or DEFAULT:PLAN_SERVICE_ACCOUNT_EMAIL or DEFAULT:RUN_SERVICE_ACCOUNT_EMAIL as an environment variable of the workspace." },
        { "GCP", $"PROVIDER_AUTH=true PRINCIPAL_TYPE=user WORKLOAD_PROVIDER_NAME={Provider} RUN_SERVICE_ACCOUNT_EMAIL={Mail}", "The variable PRINCIPAL_TYPE is 'user', which is neither 'service_account' nor 'workload_pool'." },
        { "VAULT", "PROVIDER_AUTH=true RUN_ROLE=r", "PROVIDER_AUTH is 'true', but no address of Vault is set. Set ADDR or DEFAULT:ADDR as an environment variable of the workspace." },
        { "VAULT", "PROVIDER_AUTH=true ADDR=https://vault", "PROVIDER_AUTH is 'true', but no role is set for the plan phase. Set PLAN_ROLE or RUN_ROLE or DEFAULT:PLAN_ROLE or DEFAULT:RUN_ROLE as an environment variable of the workspace." },
    };

    [Theory, MemberData(nameof(Precedence))]
    public void The_variables_say_what_each_phase_gets(string cloud, string variables, string plan, string apply)
    {
        Assert.Equal(plan, Tell(CloudSettings.Read(Clouds[cloud], CloudSettingsTests.Environment(variables, cloud), "plan")));
        Assert.Equal(apply, Tell(CloudSettings.Read(Clouds[cloud], CloudSettingsTests.Environment(variables, cloud), "apply")));
    }

    [Theory, MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_variable_and_what_to_change(string cloud, string variables, string message)
    {
        var reading = CloudSettings.Read(Clouds[cloud], CloudSettingsTests.Environment(variables, cloud), "plan");

        Assert.Equal(message, CloudSettingsTests.Short(string.Join('\n', reading.Problems), cloud));
        Assert.Empty(reading.Configurations);
    }

    [Theory]
    [InlineData("AZURE", $"PROVIDER_AUTH=true RUN_CLIENT_ID={Id}", "ARM_CLIENT_ID ARM_USE_OIDC ARM_OIDC_TOKEN ARM_OIDC_TOKEN_FILE_PATH ARM_CLIENT_SECRET ARM_CLIENT_CERTIFICATE_PATH")]
    [InlineData("GCP", $"PROVIDER_AUTH=true WORKLOAD_PROVIDER_NAME={Provider} RUN_SERVICE_ACCOUNT_EMAIL={Mail}", "GOOGLE_CREDENTIALS GOOGLE_APPLICATION_CREDENTIALS GOOGLE_OAUTH_ACCESS_TOKEN")]
    [InlineData("VAULT", "PROVIDER_AUTH=true ADDR=https://vault RUN_ROLE=r", "VAULT_TOKEN")]
    [InlineData("KUBERNETES", "PROVIDER_AUTH=true WORKLOAD_IDENTITY_AUDIENCE=k", "KUBE_TOKEN KUBE_PASSWORD KUBE_CLIENT_CERT_DATA")]
    public void What_would_stand_against_dynamic_credentials_is_a_mistake_beside_them_and_none_without(string cloud, string variables, string rivals)
    {
        foreach (var rival in rivals.Split(' '))
        {
            var environment = CloudSettingsTests.Environment(variables, cloud);
            environment[rival] = "something";
            Assert.StartsWith(
                $"The workspace sets {rival} and TFC_{cloud}_PROVIDER_AUTH.",
                Assert.Single(CloudSettings.Read(Clouds[cloud], environment, "plan").Problems), StringComparison.Ordinal);

            environment[$"TFC_{cloud}_PROVIDER_AUTH"] = "false";
            Assert.False(CloudSettings.Read(Clouds[cloud], environment, "plan").IsOn);
        }
    }

    [Theory]
    [InlineData("TFC_AZURE_RUN_CLIENT_ID", "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}", "is not a client id")]
    [InlineData("TFC_GCP_PROJECT_NUMBER", "my-project", "the project's id is something else")]
    [InlineData("TFC_GCP_WORKLOAD_POOL_ID", "Pool/../x", "is not a pool's id")]
    [InlineData("TFC_GCP_WORKLOAD_PROVIDER_ID", "p?x", "is not a provider's id")]
    [InlineData("TFC_GCP_WORKLOAD_PROVIDER_NAME", "//iam.googleapis.com/" + Provider, "is not a workload identity provider's name")]
    [InlineData("TFC_GCP_PLAN_SERVICE_ACCOUNT_EMAIL", "deploy", "is not a service account's e-mail address")]
    [InlineData("TFC_GCP_PLAN_SERVICE_ACCOUNT_EMAIL", "a@b/../c", "is not a service account's e-mail address")]
    [InlineData("TFC_VAULT_ADDR", "vault:8200", "is not an address of Vault")]
    [InlineData("TFC_VAULT_ADDR", "file:///etc/passwd", "is not an address of Vault")]
    [InlineData("TFC_VAULT_ADDR", "https://user:password@vault", "is not an address of Vault")]
    [InlineData("TFC_VAULT_ADDR", "https://vault/?x=", "is not an address of Vault")]
    [InlineData("TFC_VAULT_ADDR", "https://vault/behind/a/path", null)]
    [InlineData("TFC_VAULT_AUTH_PATH", "../sys", "is not a path of an auth method")]
    [InlineData("TFC_VAULT_AUTH_PATH", "jwt/..", "is not a path of an auth method")]
    [InlineData("TFC_VAULT_AUTH_PATH", "jwt?x", "is not a path of an auth method")]
    [InlineData("TFC_VAULT_NAMESPACE", "admin/team/", null)]
    [InlineData("TFC_VAULT_NAMESPACE", "admin\nX-Vault-Token: x", "is not a namespace")]
    [InlineData("TFC_VAULT_CLIENT_TIMEOUT", "0", "is not a number of seconds")]
    [InlineData("TFC_VAULT_CLIENT_TIMEOUT", "60s", "is not a number of seconds")]
    [InlineData("TFC_VAULT_CLIENT_TIMEOUT", "301", "is not a number of seconds")]
    [InlineData("TFC_VAULT_CLIENT_TIMEOUT", "300", null)]
    [InlineData("TFC_VAULT_ENCODED_CACERT", "-----BEGIN CERTIFICATE-----", "is not a certificate in PEM format")]
    [InlineData("TFC_VAULT_ENCODED_CACERT", "bm8gY2VydGlmaWNhdGU=", "is not a certificate in PEM format")]
    public void A_variable_can_be_checked_by_itself(string name, string value, string? fault)
    {
        var found = CloudSettings.Fault(Clouds[name.Split('_')[1]], name, value);

        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_is_a_certificate_that_was_encoded_twice()
    {
        using var authority = TlsDoor.Authority("Vault's authority");

        Assert.Null(CloudSettings.Fault(
            VaultVocabulary.Instance, "TFC_VAULT_ENCODED_CACERT", Convert.ToBase64String(Encoding.UTF8.GetBytes(authority.ExportCertificatePem()))));
    }

    private static string Tell(CloudReading reading)
    {
        Assert.Empty(reading.Problems);
        return reading.Configurations.Count == 0 ? "off" : string.Join("; ", reading.Configurations.Select(configuration =>
            (configuration.Tag is { } tag ? $"[{tag}] " : "") + string.Join(' ', configuration.Settings
                .Where(chosen => chosen.Value is not null)
                .Select(chosen => $"{chosen.Setting.Name}={(chosen.Variable is null ? "*" : "")}{chosen.Value}"))));
    }
}
