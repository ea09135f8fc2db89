using System.Text.RegularExpressions;

namespace Orchestrator.Credentials.Aws;

/// <summary>The variables <c>TFC_AWS_*</c>.</summary>
public static partial class AwsVocabulary
{
    public const string DefaultAudience = "aws.workload.identity";

    private const int MaxRoleArn = 2048;

    public static readonly CloudSetting Role = new("ROLE_ARN", "role")
    {
        PerPhase = true,
        Required = _ => true,
        Fault = value => value.Length <= MaxRoleArn && RoleArn().IsMatch(value)
            ? null
            : "is not a role's ARN. It looks like 'arn:aws:iam::123456789012:role/name'.",
    };

    public static readonly CloudSetting Audience = CloudSetting.Audience(DefaultAudience);

    public static CloudVocabulary Instance { get; } = new("AWS")
    {
        Settings = [Role, Audience],
        // Each of them comes before what a run is given, in the order in which AWS's clients look.
        Rivals =
        [
            "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        ],
    };

    [GeneratedRegex(@"\Aarn:aws[a-z-]*:iam::\d{12}:role/\S+\z")]
    private static partial Regex RoleArn();
}
