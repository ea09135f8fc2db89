using Orchestrator.Credentials.Aws;

namespace Orchestrator.Tests.Credentials;

public sealed class AwsSettingsTests
{
    private const string Run = "arn:aws:iam::123456789012:role/run";
    private const string Plan = "arn:aws:iam::123456789012:role/plan";
    private const string Apply = "arn:aws-us-gov:iam::123456789012:role/path/to/apply";

    // on/off, run role, plan role, apply role, audience, region, static key => plan's answer, apply's answer
    public static TheoryData<string?[], string, string> Precedence => new()
    {
        { [null, Run, Plan, Apply, null, null, null], "off", "off" },
        { ["", Run, null, null, null, null, null], "off", "off" },
        { ["false", Run, null, null, null, null, "AKIA"], "off", "off" },
        { ["true", Run, null, null, null, null, null], Assumed(Run, "RUN"), Assumed(Run, "RUN") },
        { [" true ", $" {Run}\n", null, null, null, null, null], Assumed(Run, "RUN"), Assumed(Run, "RUN") },
        { ["true", Run, Plan, null, null, null, null], Assumed(Plan, "PLAN"), Assumed(Run, "RUN") },
        { ["true", Run, null, Apply, null, null, null], Assumed(Run, "RUN"), Assumed(Apply, "APPLY") },
        { ["true", Run, Plan, Apply, null, null, null], Assumed(Plan, "PLAN"), Assumed(Apply, "APPLY") },
        { ["true", Run, "", " ", null, null, null], Assumed(Run, "RUN"), Assumed(Run, "RUN") },
        { ["true", null, Plan, null, null, null, null], Assumed(Plan, "PLAN"), NoRole("apply", "APPLY") },
        { ["true", null, null, Apply, null, null, null], NoRole("plan", "PLAN"), Assumed(Apply, "APPLY") },
        { ["true", null, null, null, null, null, null], NoRole("plan", "PLAN"), NoRole("apply", "APPLY") },
        { ["true", Run, null, null, "mine", null, null], Assumed(Run, "RUN", "mine"), Assumed(Run, "RUN", "mine") },
        { ["true", Run, null, null, " ", "eu-central-1", null], Assumed(Run, "RUN", region: "eu-central-1"), Assumed(Run, "RUN", region: "eu-central-1") },
        { ["true", Run, null, null, null, null, " "], Assumed(Run, "RUN"), Assumed(Run, "RUN") },
        { ["yes", Run, null, null, null, null, null], BadSwitch("yes"), BadSwitch("yes") },
        { ["True", Run, null, null, null, null, null], BadSwitch("True"), BadSwitch("True") },
        { ["true", Run, null, null, null, null, "AKIA"], StaticKey, StaticKey },
        { ["true", "role/run", null, null, null, null, null], NoArn("role/run", "RUN"), NoArn("role/run", "RUN") },
        { ["true", Run, "arn:aws:iam::1:role/x", null, null, null, null], NoArn("arn:aws:iam::1:role/x", "PLAN"), Assumed(Run, "RUN") },
        { ["true", "arn:aws:iam::123456789012:user/x", null, null, null, null, null], NoArn("arn:aws:iam::123456789012:user/x", "RUN"), NoArn("arn:aws:iam::123456789012:user/x", "RUN") },
        { ["true", $"{Run} {Plan}", null, null, null, null, null], NoArn($"{Run} {Plan}", "RUN"), NoArn($"{Run} {Plan}", "RUN") },
    };

    private static string StaticKey =>
        "error: The workspace sets AWS_ACCESS_KEY_ID and TFC_AWS_PROVIDER_AUTH. AWS clients would use the fixed key and ignore the dynamic "
        + "credentials. Remove AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or set TFC_AWS_PROVIDER_AUTH to 'false'.";

    [Theory, MemberData(nameof(Precedence))]
    public void The_variables_of_a_workspace_say_which_role_each_phase_assumes(string?[] values, string plan, string apply)
    {
        string[] names =
        [
            "TFC_AWS_PROVIDER_AUTH", "TFC_AWS_RUN_ROLE_ARN", "TFC_AWS_PLAN_ROLE_ARN", "TFC_AWS_APPLY_ROLE_ARN",
            "TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE", "AWS_REGION", "AWS_ACCESS_KEY_ID",
        ];
        var environment = names.Zip(values).Where(pair => pair.Second is not null).ToDictionary(pair => pair.First, pair => pair.Second!);

        Assert.Equal(plan, Tell(AwsSettingsReader.Read(environment, "plan")));
        Assert.Equal(apply, Tell(AwsSettingsReader.Read(environment, "apply")));
    }

    [Fact]
    public void A_role_that_is_longer_than_aws_allows_is_refused()
    {
        var role = Run + new string('x', 2049 - Run.Length);
        var environment = new Dictionary<string, string> { ["TFC_AWS_PROVIDER_AUTH"] = "true", ["TFC_AWS_RUN_ROLE_ARN"] = role };

        Assert.IsType<AwsSettings.Misconfigured>(AwsSettingsReader.Read(environment, "plan"));
        environment["TFC_AWS_RUN_ROLE_ARN"] = role[..^1];
        Assert.IsType<AwsSettings.Assume>(AwsSettingsReader.Read(environment, "plan"));
    }

    private static string Tell(AwsSettings settings) => settings switch
    {
        AwsSettings.Off => "off",
        AwsSettings.Assume assume => $"{assume.RoleArn} from {assume.RoleVariable} for {assume.Audience} in {assume.Region}",
        AwsSettings.Misconfigured problem => $"error: {problem.Message}",
        _ => throw new InvalidOperationException(),
    };

    private static string Assumed(string role, string which, string audience = "aws.workload.identity", string region = "") =>
        $"{role} from TFC_AWS_{which}_ROLE_ARN for {audience} in {region}";

    private static string NoRole(string phase, string which) =>
        $"error: TFC_AWS_PROVIDER_AUTH is 'true', but no role is set for the {phase} phase. Set TFC_AWS_{which}_ROLE_ARN or "
        + "TFC_AWS_RUN_ROLE_ARN as an environment variable of the workspace.";

    private static string BadSwitch(string value) =>
        $"error: The variable TFC_AWS_PROVIDER_AUTH is '{value}'. Set it to 'true' or 'false'.";

    private static string NoArn(string value, string which) =>
        $"error: The variable TFC_AWS_{which}_ROLE_ARN is '{value}', which is not a role's ARN. It looks like 'arn:aws:iam::123456789012:role/name'.";
}
