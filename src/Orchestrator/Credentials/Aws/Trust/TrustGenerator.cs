using Orchestrator.AwsPolicies;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>Writes the trust that lets one workspace's tokens in and nobody else's: for each phase a role that names the whole
/// subject.</summary>
public static class TrustGenerator
{
    private const string UnknownAccount = "ACCOUNT_ID";

    /// <returns>The trust, or why it cannot be written. The same request always gives the same text.</returns>
    public static (GeneratedTrust? Trust, IReadOnlyList<string> Problems) Generate(TrustRequest request)
    {
        List<string> problems = [.. request.Problems()];
        if (problems.Count > 0)
        {
            return (null, problems);
        }
        var account = request.AccountId ?? UnknownAccount;
        var provider = new OidcProviderArn(OidcProviderArn.DefaultPartition, account, OidcProviderArn.HostOf(request.Issuer));
        List<RoleTrust> roles =
        [
            .. request.Roles
                .OrderBy(role => role.Phase == "plan" ? 0 : 1)
                .Select(role => new RoleTrust(
                    role.Phase, role.Name, provider.Host, request.Audience, request.Subject.Render(request.Workspace, role.Phase), Actions(request),
                    AwsVocabulary.Instance.Candidates(AwsVocabulary.Role, role.Phase, request.Tag).First())),
        ];
        return (
            new GeneratedTrust(
                request.Issuer,
                provider.ToString(),
                [
                    .. roles.Select(role => new GeneratedRole(
                        role.Phase, role.Name, $"arn:{provider.Partition}:iam::{account}:role/{role.Name}", role.Subject, TrustJson.Write(role, provider))),
                ],
                TrustTerraform.Write(request, roles),
                TrustCloudFormation.Write(request, roles)),
            []);
    }

    private static List<string> Actions(TrustRequest request) =>
    [
        TrustEvaluator.AssumeRole,
        .. request.SessionTags ? [TrustEvaluator.TagSession] : (string[])[],
        .. request.SourceIdentity ? [TrustEvaluator.SetSourceIdentity] : (string[])[],
    ];
}

/// <summary>A role and the one statement of its trust policy, before it is written in a language.</summary>
/// <param name="Variable">What to set to the role's ARN.</param>
internal sealed record RoleTrust(
    string Phase, string Name, string Host, string Audience, string Subject, IReadOnlyList<string> Actions, string Variable)
{
    /// <summary>Letters and digits, as IAM and CloudFormation want their labels.</summary>
    public string Label => Phase == "plan" ? "Plan" : "Apply";

    /// <summary>The condition's keys and values. A policy would take <c>${</c> for a variable; this is how it is told not to.</summary>
    public IReadOnlyList<(string Key, string Value)> Conditions =>
        [($"{Host}:aud", Literal(Audience)), ($"{Host}:sub", Literal(Subject))];

    private static string Literal(string value) => value.Replace("${", "${$}{", StringComparison.Ordinal);
}
