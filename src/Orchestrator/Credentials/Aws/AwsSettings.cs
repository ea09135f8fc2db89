using System.Text.RegularExpressions;

namespace Orchestrator.Credentials.Aws;

/// <summary>What a workspace's environment variables say about AWS for one phase.</summary>
public abstract record AwsSettings
{
    /// <summary>Dynamic credentials are not switched on.</summary>
    public sealed record Off : AwsSettings;

    /// <summary>Assume this role with a token for this audience.</summary>
    public sealed record Assume(string RoleArn, string RoleVariable, string Audience, string? Region) : AwsSettings;

    /// <summary>They are switched on, and cannot work; the message says what to change.</summary>
    public sealed record Misconfigured(string Message) : AwsSettings;
}

/// <summary>Reads <c>TFC_AWS_*</c>. The same variables always give the same answer: a phase's own role comes before the role
/// for both phases, and an empty value counts as unset.</summary>
public static partial class AwsSettingsReader
{
    public const string ProviderAuth = "TFC_AWS_PROVIDER_AUTH";
    public const string RunRole = "TFC_AWS_RUN_ROLE_ARN";
    public const string PlanRole = "TFC_AWS_PLAN_ROLE_ARN";
    public const string ApplyRole = "TFC_AWS_APPLY_ROLE_ARN";
    public const string Audience = "TFC_AWS_WORKLOAD_IDENTITY_AUDIENCE";
    public const string DefaultAudience = "aws.workload.identity";

    private const string StaticKey = "AWS_ACCESS_KEY_ID";

    /// <param name="environment">The workspace's environment variables.</param>
    /// <param name="phase"><c>plan</c> or <c>apply</c>.</param>
    public static AwsSettings Read(IReadOnlyDictionary<string, string> environment, string phase)
    {
        var provided = Value(environment, ProviderAuth);
        switch (provided)
        {
            case null or "false":
                return new AwsSettings.Off();
            case not "true":
                return new AwsSettings.Misconfigured($"The variable {ProviderAuth} is '{provided}'. Set it to 'true' or 'false'.");
        }
        if (Value(environment, StaticKey) is not null)
        {
            return new AwsSettings.Misconfigured(
                $"The workspace sets {StaticKey} and {ProviderAuth}. AWS clients would use the fixed key and ignore the dynamic "
                + $"credentials. Remove {StaticKey} and AWS_SECRET_ACCESS_KEY, or set {ProviderAuth} to 'false'.");
        }
        string[] candidates = [phase == "plan" ? PlanRole : ApplyRole, RunRole];
        var variable = Array.Find(candidates, name => Value(environment, name) is not null);
        if (variable is null)
        {
            return new AwsSettings.Misconfigured(
                $"{ProviderAuth} is 'true', but no role is set for the {phase} phase. Set {string.Join(" or ", candidates)} "
                + "as an environment variable of the workspace.");
        }
        var role = Value(environment, variable)!;
        return role.Length <= 2048 && RoleArn().IsMatch(role)
            ? new AwsSettings.Assume(role, variable, Value(environment, Audience) ?? DefaultAudience, Value(environment, "AWS_REGION"))
            : new AwsSettings.Misconfigured(
                $"The variable {variable} is '{role}', which is not a role's ARN. It looks like 'arn:aws:iam::123456789012:role/name'.");
    }

    private static string? Value(IReadOnlyDictionary<string, string> environment, string name) =>
        environment.TryGetValue(name, out var value) && value.Trim() is { Length: > 0 } trimmed ? trimmed : null;

    [GeneratedRegex(@"\Aarn:aws[a-z-]*:iam::\d{12}:role/\S+\z")]
    private static partial Regex RoleArn();
}
