using System.Text.RegularExpressions;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials.Aws;

/// <summary>What a token tells AWS about a run besides its subject: tags for policies to test, and a source identity for CloudTrail.</summary>
/// <remarks>AWS IAM, "Pass session tags in AWS STS": the token is the only carrier for a web identity. A trust policy has to allow
/// <c>sts:TagSession</c> and <c>sts:SetSourceIdentity</c>, or the whole call is denied.</remarks>
internal static partial class AwsSessionTags
{
    private const int MaxValue = 256;
    private const int MaxSourceIdentity = 64;

    public static IReadOnlyDictionary<string, object> Of(CloudPhase phase)
    {
        var tags = TagsOf(phase.Identity).ToDictionary(tag => tag.Key, tag => (object)new[] { tag.Value });
        return new Dictionary<string, object>
        {
            ["https://aws.amazon.com/tags"] = new Dictionary<string, object> { ["principal_tags"] = tags },
            ["https://aws.amazon.com/source_identity"] = SourceIdentityOf(phase.Responsible),
        };
    }

    public static IReadOnlyDictionary<string, string> TagsOf(RunIdentity identity) => new Dictionary<string, string>
    {
        ["terraform_organization_name"] = Value(identity.OrganizationName),
        ["terraform_project_name"] = Value(identity.ProjectName),
        ["terraform_workspace_name"] = Value(identity.WorkspaceName),
        ["terraform_workspace_id"] = Value(identity.WorkspaceId.Value),
        ["terraform_run_id"] = Value(identity.RunId.Value),
        ["terraform_run_phase"] = Value(identity.Phase),
    };

    public static string SourceIdentityOf(string responsible) =>
        Cut(NotInIdentity().Replace(responsible, "-"), MaxSourceIdentity).PadRight(2, '-');

    private static string Value(string value) => Cut(NotInTag().Replace(value, "_"), MaxValue);

    private static string Cut(string value, int length) => value.Length > length ? value[..length] : value;

    [GeneratedRegex(@"[^A-Za-z0-9 _.:/=+\-@]")]
    private static partial Regex NotInTag();

    [GeneratedRegex(@"[^A-Za-z0-9_+=,.@\-]")]
    private static partial Regex NotInIdentity();
}
