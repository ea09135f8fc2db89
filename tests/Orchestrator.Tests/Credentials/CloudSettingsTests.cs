using Orchestrator.Credentials;
using Orchestrator.Credentials.Aws;

namespace Orchestrator.Tests.Credentials;

public sealed class CloudSettingsTests
{
    private const string Run = "arn:aws:iam::123456789012:role/run";
    private const string Plan = "arn:aws:iam::123456789012:role/plan";
    private const string Apply = "arn:aws-us-gov:iam::123456789012:role/path/to/apply";
    private const string Other = "arn:aws:iam::210987654321:role/other";

    // What the workspace sets => what the plan gets, what the apply gets.
    public static TheoryData<string, string, string> Precedence => new()
    {
        // The switch.
        { $"RUN_ROLE_ARN={Run}", "off", "off" },
        { $"PROVIDER_AUTH= RUN_ROLE_ARN={Run}", "off", "off" },
        { $"PROVIDER_AUTH=false RUN_ROLE_ARN={Run}", "off", "off" },
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run}", $"{Run} by RUN_ROLE_ARN", $"{Run} by RUN_ROLE_ARN" },
        // A phase's own role comes before the role for both, and an empty value is none.
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} PLAN_ROLE_ARN={Plan}", $"{Plan} by PLAN_ROLE_ARN", $"{Run} by RUN_ROLE_ARN" },
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} APPLY_ROLE_ARN={Apply}", $"{Run} by RUN_ROLE_ARN", $"{Apply} by APPLY_ROLE_ARN" },
        { $"PROVIDER_AUTH=true PLAN_ROLE_ARN={Plan} APPLY_ROLE_ARN={Apply}", $"{Plan} by PLAN_ROLE_ARN", $"{Apply} by APPLY_ROLE_ARN" },
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} PLAN_ROLE_ARN=", $"{Run} by RUN_ROLE_ARN", $"{Run} by RUN_ROLE_ARN" },
        // The configuration's own comes before the default for all, and there the phase's own comes first again.
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} DEFAULT:PLAN_ROLE_ARN={Plan}", $"{Run} by RUN_ROLE_ARN", $"{Run} by RUN_ROLE_ARN" },
        { $"PROVIDER_AUTH=true DEFAULT:RUN_ROLE_ARN={Run} DEFAULT:PLAN_ROLE_ARN={Plan}", $"{Plan} by DEFAULT:PLAN_ROLE_ARN", $"{Run} by DEFAULT:RUN_ROLE_ARN" },
        // The default for all serves a tagged configuration; the untagged one does not.
        { $"PROVIDER_AUTH_B=true DEFAULT:RUN_ROLE_ARN={Run}", $"[B] {Run} by DEFAULT:RUN_ROLE_ARN", $"[B] {Run} by DEFAULT:RUN_ROLE_ARN" },
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} PROVIDER_AUTH_B=true RUN_ROLE_ARN_B={Other}", $"{Run} by RUN_ROLE_ARN; [B] {Other} by RUN_ROLE_ARN_B", $"{Run} by RUN_ROLE_ARN; [B] {Other} by RUN_ROLE_ARN_B" },
        { $"PROVIDER_AUTH_B=true RUN_ROLE_ARN_B={Run} PLAN_ROLE_ARN_B={Plan} DEFAULT:PLAN_ROLE_ARN={Other}", $"[B] {Plan} by PLAN_ROLE_ARN_B", $"[B] {Run} by RUN_ROLE_ARN_B" },
        { $"PROVIDER_AUTH_a1=true RUN_ROLE_ARN_a1={Run} PROVIDER_AUTH_B=false RUN_ROLE_ARN_B={Plan}", $"[a1] {Run} by RUN_ROLE_ARN_a1", $"[a1] {Run} by RUN_ROLE_ARN_a1" },
        { $"PROVIDER_AUTH_B=true RUN_ROLE_ARN_B={Run} APPLY_ROLE_ARN_B={Apply}", $"[B] {Run} by RUN_ROLE_ARN_B", $"[B] {Apply} by APPLY_ROLE_ARN_B" },
        { $"PROVIDER_AUTH=true DEFAULT:RUN_ROLE_ARN={Run} DEFAULT:APPLY_ROLE_ARN={Apply}", $"{Run} by DEFAULT:RUN_ROLE_ARN", $"{Apply} by DEFAULT:APPLY_ROLE_ARN" },
        // The audience.
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} WORKLOAD_IDENTITY_AUDIENCE=mine", $"{Run} by RUN_ROLE_ARN for mine", $"{Run} by RUN_ROLE_ARN for mine" },
        { $"PROVIDER_AUTH_B=true RUN_ROLE_ARN_B={Run} WORKLOAD_IDENTITY_AUDIENCE_B=mine DEFAULT:WORKLOAD_IDENTITY_AUDIENCE=ours", $"[B] {Run} by RUN_ROLE_ARN_B for mine", $"[B] {Run} by RUN_ROLE_ARN_B for mine" },
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} DEFAULT:WORKLOAD_IDENTITY_AUDIENCE=ours", $"{Run} by RUN_ROLE_ARN for ours", $"{Run} by RUN_ROLE_ARN for ours" },
    };

    // What the workspace sets => what is said about it, in the plan.
    public static TheoryData<string, string> Mistakes => new()
    {
        { $"PROVIDER_AUTH=yes RUN_ROLE_ARN={Run}", "The variable PROVIDER_AUTH is 'yes'. Set it to 'true' or 'false'." },
        { $"PROVIDER_AUTH_B=True RUN_ROLE_ARN_B={Run}", "The variable PROVIDER_AUTH_B is 'True'. Set it to 'true' or 'false'." },
        { "PROVIDER_AUTH=true", "PROVIDER_AUTH is 'true', but no role is set for the plan phase. Set PLAN_ROLE_ARN or RUN_ROLE_ARN or DEFAULT:PLAN_ROLE_ARN or DEFAULT:RUN_ROLE_ARN as an environment variable of the workspace." },
        { $"PROVIDER_AUTH=true APPLY_ROLE_ARN={Apply}", "PROVIDER_AUTH is 'true', but no role is set for the plan phase. Set PLAN_ROLE_ARN or RUN_ROLE_ARN or DEFAULT:PLAN_ROLE_ARN or DEFAULT:RUN_ROLE_ARN as an environment variable of the workspace." },
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} PROVIDER_AUTH_B=true", "PROVIDER_AUTH_B is 'true', but no role is set for the plan phase. Set PLAN_ROLE_ARN_B or RUN_ROLE_ARN_B or DEFAULT:PLAN_ROLE_ARN or DEFAULT:RUN_ROLE_ARN as an environment variable of the workspace." },
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} PLAN_ROLE_ARN_B={Plan}", "PLAN_ROLE_ARN_B belongs to a configuration 'B', and there is none. Set PROVIDER_AUTH_B to 'true', or remove PLAN_ROLE_ARN_B." },
        { "PROVIDER_AUTH=true RUN_ROLE_ARN=role/run", "The variable RUN_ROLE_ARN is 'role/run', which is not a role's ARN. It looks like 'arn:aws:iam::123456789012:role/name'." },
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} PROVIDER_AUTH_TYPE=true RUN_ROLE_ARN_TYPE={Run}", "'TYPE' is reserved, so PROVIDER_AUTH_TYPE cannot be. Choose another tag.\n'TYPE' is reserved, so RUN_ROLE_ARN_TYPE cannot be. Choose another tag." },
        { $"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} PROVIDER_AUTH_a-b=true RUN_ROLE_ARN_a-b={Run}", "'a-b' in PROVIDER_AUTH_a-b is no tag. A tag consists of letters, digits and '_'.\n'a-b' in RUN_ROLE_ARN_a-b is no tag. A tag consists of letters, digits and '_'." },
    };

    [Theory, MemberData(nameof(Precedence))]
    public void The_variables_say_what_each_phase_gets_whatever_their_order(string variables, string plan, string apply)
    {
        foreach (var environment in new[] { Environment(variables), Environment(variables).Reverse().ToDictionary() })
        {
            Assert.Equal(plan, Tell(CloudSettings.Read(AwsVocabulary.Instance, environment, "plan")));
            Assert.Equal(apply, Tell(CloudSettings.Read(AwsVocabulary.Instance, environment, "apply")));
        }
    }

    [Theory, MemberData(nameof(Mistakes))]
    public void A_mistake_is_named_with_its_variable_and_what_to_change(string variables, string message)
    {
        var reading = CloudSettings.Read(AwsVocabulary.Instance, Environment(variables), "plan");

        Assert.Equal(message, Short(string.Join('\n', reading.Problems)));
        Assert.Empty(reading.Configurations);
        Assert.True(reading.IsOn);
    }

    [Fact]
    public void A_phase_without_a_role_fails_by_itself_and_says_which_it_is()
    {
        var environment = Environment($"PROVIDER_AUTH=true PLAN_ROLE_ARN={Plan}");

        Assert.Equal($"{Plan} by PLAN_ROLE_ARN", Tell(CloudSettings.Read(AwsVocabulary.Instance, environment, "plan")));
        Assert.Equal(
            "PROVIDER_AUTH is 'true', but no role is set for the apply phase. Set APPLY_ROLE_ARN or RUN_ROLE_ARN or DEFAULT:APPLY_ROLE_ARN or "
                + "DEFAULT:RUN_ROLE_ARN as an environment variable of the workspace.",
            Short(Assert.Single(CloudSettings.Read(AwsVocabulary.Instance, environment, "apply").Problems)));
    }

    [Theory]
    [InlineData("AWS_ACCESS_KEY_ID")]
    [InlineData("AWS_SESSION_TOKEN")]
    [InlineData("AWS_ROLE_ARN")]
    [InlineData("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")]
    [InlineData("AWS_SECRET_ACCESS_KEY")]
    [InlineData("AWS_PROFILE")]
    [InlineData("AWS_WEB_IDENTITY_TOKEN_FILE")]
    [InlineData("AWS_CONTAINER_CREDENTIALS_FULL_URI")]
    public void What_clients_would_use_in_place_of_dynamic_credentials_is_a_mistake_beside_them_and_none_without(string rival)
    {
        var environment = Environment($"PROVIDER_AUTH=true RUN_ROLE_ARN={Run}");
        environment[rival] = "something";
        Assert.Equal(
            [$"The workspace sets {rival} and TFC_AWS_PROVIDER_AUTH. Clients would use {rival} and ignore the dynamic credentials. "
                + $"Remove {rival}, or set TFC_AWS_PROVIDER_AUTH to 'false'."],
            CloudSettings.Read(AwsVocabulary.Instance, environment, "plan").Problems);

        environment["TFC_AWS_PROVIDER_AUTH"] = "false";
        Assert.False(CloudSettings.Read(AwsVocabulary.Instance, environment, "plan").IsOn);
    }

    [Fact]
    public void A_role_without_its_switch_has_no_effect_and_that_is_said()
    {
        var reading = CloudSettings.Read(AwsVocabulary.Instance, Environment($"RUN_ROLE_ARN={Run} PLAN_ROLE_ARN_B={Plan} PROVIDER_AUTH_C=false RUN_ROLE_ARN_C={Run}"), "plan");

        Assert.Equal(
            [
                "PLAN_ROLE_ARN_B has no effect, because PROVIDER_AUTH_B is not 'true'.",
                "RUN_ROLE_ARN has no effect, because PROVIDER_AUTH is not 'true'.",
            ],
            reading.Warnings.Select(warning => Short(warning)));
    }

    [Fact]
    public void Every_variable_that_was_looked_at_is_told_with_the_one_that_won()
    {
        var reading = CloudSettings.Read(AwsVocabulary.Instance, Environment($"PROVIDER_AUTH=true RUN_ROLE_ARN={Run} DEFAULT:RUN_ROLE_ARN={Other}"), "plan");

        Assert.Equal(
            [
                new("TFC_AWS_PLAN_ROLE_ARN", null, false), new("TFC_AWS_RUN_ROLE_ARN", Run, true),
                new("TFC_DEFAULT_AWS_PLAN_ROLE_ARN", null, false), new("TFC_DEFAULT_AWS_RUN_ROLE_ARN", Other, false),
            ],
            Assert.Single(reading.Configurations).Of(AwsVocabulary.Role).Candidates);
    }

    [Theory]
    [InlineData("TFC_AWS_RUN_ROLE_ARN", "arn:aws:iam::1:role/x", "is not a role's ARN")]
    [InlineData("TFC_AWS_PLAN_ROLE_ARN_B", "arn:aws:iam::123456789012:user/x", "is not a role's ARN")]
    [InlineData("TFC_DEFAULT_AWS_APPLY_ROLE_ARN", "arn:aws:iam::123456789012:role/a b", "is not a role's ARN")]
    [InlineData("TFC_AWS_PROVIDER_AUTH_B", "on", "Set it to 'true' or 'false'")]
    [InlineData("TFC_DEFAULT_AWS_PROVIDER_AUTH", "true", "There is no TFC_DEFAULT_AWS_PROVIDER_AUTH")]
    [InlineData("TFC_AWS_RUN_ROLE_ARN_TYPE", "", null)]
    [InlineData("TFC_AWS_RUN_ROLE_ARN", " ", null)]
    [InlineData("TFC_AWS_RUN_ROLE_ARN", " arn:aws-cn:iam::123456789012:role/x\n", null)]
    [InlineData("AWS_REGION", "anything", null)]
    public void A_variable_can_be_checked_by_itself(string name, string value, string? fault)
    {
        var found = CloudSettings.Fault(AwsVocabulary.Instance, name, value);

        Assert.Equal(fault is null, found is null);
        Assert.Contains(fault ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_wrong_with_a_sensitive_value_is_said_without_it()
    {
        var environment = Environment("PROVIDER_AUTH=true RUN_ROLE_ARN=hunter2 PROVIDER_AUTH_B=correct-horse");

        var reading = CloudSettings.Read(AwsVocabulary.Instance, environment, "plan", environment.Keys.ToHashSet());

        Assert.Equal(
            [
                "The variable PROVIDER_AUTH_B has a sensitive value. Set it to 'true' or 'false'.",
                "The variable RUN_ROLE_ARN has a sensitive value, which is not a role's ARN. It looks like 'arn:aws:iam::123456789012:role/name'.",
            ],
            reading.Problems.Select(problem => Short(problem)));
        var role = Assert.Single(reading.SwitchedOn).Of(AwsVocabulary.Role);
        Assert.Equal("(sensitive)", role.Shown);
        Assert.DoesNotContain("hunter2", $"{role} {string.Join(' ', role.Candidates)}", StringComparison.Ordinal);
        Assert.Equal("aws.workload.identity", Assert.Single(reading.SwitchedOn).Of(AwsVocabulary.Audience).Shown);
    }

    [Fact]
    public void A_role_or_an_audience_that_is_longer_than_aws_allows_is_refused()
    {
        Assert.NotNull(CloudSettings.Fault(AwsVocabulary.Instance, "TFC_AWS_RUN_ROLE_ARN", Run.PadRight(2049, 'x')));
        Assert.Null(CloudSettings.Fault(AwsVocabulary.Instance, "TFC_AWS_RUN_ROLE_ARN", Run.PadRight(2048, 'x')));
        Assert.NotNull(CloudSettings.Fault(AwsVocabulary.Instance, "TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE", new string('x', 256)));
        Assert.Null(CloudSettings.Fault(AwsVocabulary.Instance, "TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE", new string('x', 255)));
    }

    /// <summary>The variables of a cloud, which are written without what is common to their names.</summary>
    internal static Dictionary<string, string> Environment(string variables, string cloud = "AWS") => variables.Split(' ')
        .Select(variable => variable.Split('=', 2))
        .ToDictionary(
            pair => pair[0].StartsWith("DEFAULT:", StringComparison.Ordinal) ? $"TFC_DEFAULT_{cloud}_{pair[0]["DEFAULT:".Length..]}" : $"TFC_{cloud}_{pair[0]}",
            pair => pair[1]);

    private static string Tell(CloudReading reading)
    {
        Assert.Empty(reading.Problems);
        return reading.Configurations.Count == 0 ? "off" : string.Join("; ", reading.Configurations.Select(configuration =>
            (configuration.Tag is { } tag ? $"[{tag}] " : "")
            + $"{configuration[AwsVocabulary.Role]} by {Short(configuration.Of(AwsVocabulary.Role).Variable!)}"
            + (configuration[AwsVocabulary.Audience] is not "aws.workload.identity" and var audience ? $" for {audience}" : "")));
    }

    internal static string Short(string text, string cloud = "AWS") => text
        .Replace($"TFC_DEFAULT_{cloud}_", "DEFAULT:", StringComparison.Ordinal)
        .Replace($"TFC_{cloud}_", "", StringComparison.Ordinal);
}
