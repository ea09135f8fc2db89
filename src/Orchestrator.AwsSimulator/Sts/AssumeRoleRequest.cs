using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using Orchestrator.AwsSimulator.Activity;

namespace Orchestrator.AwsSimulator.Sts;

/// <summary>The parameters of AssumeRoleWithWebIdentity, each within its own limits.</summary>
/// <param name="RoleName">With its path in front, e.g. <c>/team/deploy</c>.</param>
internal sealed partial record AssumeRoleRequest(
    string AccountId,
    string RoleName,
    string RoleArn,
    string SessionName,
    string Token,
    TimeSpan? Duration,
    string? Policy,
    IReadOnlyList<string> PolicyArns)
{
    private const int MostPolicyArns = 10;
    private const int LongestPolicy = 2048;
    private const int LongestSessionSeconds = 43200;

    public static Checked<AssumeRoleRequest> Read(
        IReadOnlyDictionary<string, StringValues> parameters, TimeSpan shortestSession)
    {
        var rules = new ParameterRules(parameters);
        var roleArn = rules.Text("RoleArn", 20, 2048);
        var sessionName = rules.Text("RoleSessionName", 2, 64, SessionNamePattern());
        var token = rules.Text("WebIdentityToken", 4, 20000, secret: true);
        var policy = rules.OptionalText("Policy", 1, LongestPolicy);
        var seconds = rules.OptionalNumber("DurationSeconds", (int)shortestSession.TotalSeconds, LongestSessionSeconds);
        rules.Absent("ProviderId", "Member must be null for OpenID Connect tokens");
        if (rules.Violations is { } violations)
        {
            return violations;
        }

        if (RoleArnPattern().Match(roleArn) is not { Success: true } arn)
        {
            return StsErrors.Validation("Request ARN is invalid", "roleArn", "arn:aws:iam::ACCOUNT:role/NAME", roleArn);
        }

        var policyArns = parameters
            .Where(parameter => PolicyArnName().IsMatch(parameter.Key))
            .OrderBy(parameter => parameter.Key, StringComparer.Ordinal)
            .Select(parameter => parameter.Value.ToString())
            .ToList();
        if (policyArns.Count > MostPolicyArns)
        {
            return StsErrors.Validation(
                "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less "
                    + $"than or equal to {MostPolicyArns}",
                "policyArns", $"at most {MostPolicyArns}", $"{policyArns.Count}");
        }

        return new AssumeRoleRequest(
            arn.Groups["account"].Value,
            arn.Groups["role"].Value,
            roleArn,
            sessionName,
            token,
            seconds is { } given ? TimeSpan.FromSeconds(given) : null,
            policy,
            policyArns);
    }

    // A record's own text would contain the token.
    public override string ToString() => $"{RoleArn} as {SessionName}";

    // ASCII spelled out: in .NET \w takes letters and digits of every script.
    [GeneratedRegex(@"^[A-Za-z0-9_+=,.@-]*\z")]
    private static partial Regex SessionNamePattern();

    [GeneratedRegex(@"^arn:aws[a-z-]*:iam::(?<account>[0-9]{12}):role(?<role>/[!-~]+)\z")]
    private static partial Regex RoleArnPattern();

    [GeneratedRegex(@"^PolicyArns\.member\.[0-9]{1,3}\.arn\z")]
    private static partial Regex PolicyArnName();
}
