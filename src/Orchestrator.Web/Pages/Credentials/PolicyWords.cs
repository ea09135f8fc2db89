using Orchestrator.Credentials;

namespace Orchestrator.Web.Pages.Credentials;

/// <summary>How pages say what a credential policy says.</summary>
internal static class PolicyWords
{
    public static string Of(CredentialDelivery delivery) => delivery switch
    {
        CredentialDelivery.Environment => "environment",
        CredentialDelivery.Endpoint => "endpoint",
        CredentialDelivery.WebIdentityFile => "web identity file",
    };

    public static string Of(SpeculativeCredentials speculative) => speculative switch
    {
        SpeculativeCredentials.Allowed => "the same as any plan",
        SpeculativeCredentials.SeparateAudience => "a separate audience",
        SpeculativeCredentials.Refused => "none",
    };

    public static string Of(bool flag) => flag ? "yes" : "no";

    public static string By(PolicyLevel level) => level switch
    {
        PolicyLevel.Workspace => "the workspace",
        PolicyLevel.Project => "the project",
        PolicyLevel.Organization => "the organization",
        PolicyLevel.Default => "the default",
    };
}
