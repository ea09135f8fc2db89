using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>The trust as a CloudFormation template.</summary>
internal static class TrustCloudFormation
{
    private static readonly JsonSerializerOptions Quoted = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(TrustRequest request, IReadOnlyList<RoleTrust> roles)
    {
        var head =
            $"""
            # This is the trust alone: attach to each role what terraform may do in that phase.
            # The roles have names, so the stack needs the capability CAPABILITY_NAMED_IAM.
            AWSTemplateFormatVersion: "2010-09-09"
            Description: {Text($"Lets the workspace {request.Workspace.WorkspaceName} of {request.Workspace.OrganizationName} assume roles")}
            Resources:
            """;
        var provider =
            $"""
              OidcProvider:
                Type: AWS::IAM::OIDCProvider
                Properties:
                  Url: {Text(request.Issuer)}
                  ClientIdList:
                    - {Text(request.Audience)}
            """;
        var reference = request.ProviderExists
            ? $"!Sub {Text($"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:oidc-provider/{Substituted(roles[0].Host)}")}"
            : "!GetAtt OidcProvider.Arn";
        return string.Join('\n',
        [
            head,
            .. request.ProviderExists ? [] : (string[])[provider],
            .. roles.Select(role => Role(role, reference, request)),
            "Outputs:",
            .. roles.Select(Output),
        ]) + "\n";
    }

    private static string Role(RoleTrust role, string provider, TrustRequest request) =>
        $"""
          {role.Label}Role:
            Type: AWS::IAM::Role
            Properties:
              RoleName: {Text(role.Name)}
              MaxSessionDuration: {request.MaxSessionDuration.TotalSeconds.ToString(CultureInfo.InvariantCulture)}
              AssumeRolePolicyDocument:
                Version: "2012-10-17"
                Statement:
                  - Sid: {role.Label}Phase
                    Effect: Allow
                    Principal:
                      Federated: {provider}
                    Action:
        {string.Join('\n', role.Actions.Select(action => $"              - {action}"))}
                    Condition:
                      StringEquals:
        {string.Join('\n', role.Conditions.Select(condition => $"                {Text(condition.Key)}: {Text(condition.Value)}"))}
        """;

    private static string Output(RoleTrust role) =>
        $"""
          {role.Label}RoleArn:
            Description: {Text($"Set {role.Variable} to this.")}
            Value: !GetAtt {role.Label}Role.Arn
        """;

    /// <summary>YAML reads a JSON string as the same string; YAML 1.2, section 1.3.</summary>
    private static string Text(string value) => JsonSerializer.Serialize(value, Quoted);

    private static string Substituted(string value) => value.Replace("${", "${!", StringComparison.Ordinal);
}
