using System.Globalization;
using System.Text;

namespace Orchestrator.Credentials.Aws.Trust;

/// <summary>The trust as a Terraform configuration, formatted as <c>terraform fmt</c> would.</summary>
internal static class TrustTerraform
{
    public static string Write(TrustRequest request, IReadOnlyList<RoleTrust> roles)
    {
        var type = "aws_iam_openid_connect_provider";
        var provider = request.ProviderExists
            ? $$"""
                data "{{type}}" "orchestrator" {
                  url = {{Text(request.Issuer)}}
                }
                """
            : $$"""
                resource "{{type}}" "orchestrator" {
                  url            = {{Text(request.Issuer)}}
                  client_id_list = [{{Text(request.Audience)}}]
                }
                """;
        var reference = $"{(request.ProviderExists ? "data." : "")}{type}.orchestrator.arn";
        return string.Join("\n\n", [Head, provider, .. roles.SelectMany(role => (string[])[Role(role, reference, request), Output(role)])]) + "\n";
    }

    // Since 5.81 the provider needs no thumbprints: AWS verifies the issuer's certificate like any other.
    private const string Head =
        """
        # This is the trust alone: attach to each role what terraform may do in that phase.
        terraform {
          required_providers {
            aws = {
              source  = "hashicorp/aws"
              version = ">= 5.81"
            }
          }
        }
        """;

    private static string Role(RoleTrust role, string provider, TrustRequest request) =>
        $$"""
        resource "aws_iam_role" "{{role.Phase}}" {
          name                 = {{Text(role.Name)}}
          description          = {{Text($"{role.Label} phase of the workspace {request.Workspace.WorkspaceName} of {request.Workspace.OrganizationName}")}}
          max_session_duration = {{request.MaxSessionDuration.TotalSeconds.ToString(CultureInfo.InvariantCulture)}}

          assume_role_policy = jsonencode({
            Version = "2012-10-17"
            Statement = [
              {
                Sid    = "{{role.Label}}Phase"
                Effect = "Allow"
                Principal = {
                  Federated = {{provider}}
                }
                Action = [{{string.Join(", ", role.Actions.Select(Text))}}]
                Condition = {
                  StringEquals = {
        {{string.Join('\n', role.Conditions.Select(condition => $"            {Text(condition.Key)} = {Text(condition.Value)}"))}}
                  }
                }
              }
            ]
          })
        }
        """;

    private static string Output(RoleTrust role) =>
        $$"""
        output "{{role.Phase}}_role_arn" {
          description = "Set {{role.Variable}} to this."
          value       = aws_iam_role.{{role.Phase}}.arn
        }
        """;

    /// <summary>A quoted template without a template in it; HCL specification, "Template Expressions".</summary>
    private static string Text(string value)
    {
        var text = new StringBuilder("\"");
        for (var index = 0; index < value.Length; index++)
        {
            var opensTemplate = value[index] is '$' or '%' && index + 1 < value.Length && value[index + 1] == '{';
            text.Append(value[index] switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                var sign when opensTemplate => $"{sign}{sign}",
                var plain => plain.ToString(),
            });
        }
        return text.Append('"').ToString();
    }
}
