using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.AwsSimulator.Tests.Drivers;

/// <summary>One account with one role and one bucket; a test changes the part it is about. Policies are IAM's JSON and
/// may use <c>${issuer}</c> and <c>${issuer_host}</c>.</summary>
internal sealed record Setup
{
    public const string AccountId = "123456789012";

    public string Conditions { get; init; } =
        """{ "StringEquals": { "${issuer_host}:aud": "aws.workload.identity" } }""";

    public string TrustActions { get; init; } = "\"sts:AssumeRoleWithWebIdentity\"";

    public string ExtraTrustStatements { get; init; } = "";

    public string Permissions { get; init; } =
        """{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } }""";

    public string RoleExtras { get; init; } = "";

    public string AccountExtras { get; init; } = "";

    public string Faults { get; init; } = "{}";

    public TimeSpan MinimumSessionDuration { get; init; } = TimeSpan.FromMinutes(15);

    public TimeSpan IssuerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    public int MaxObjectBytes { get; init; } = 1024 * 1024;

    public X509Certificate2? Certificate { get; init; }

    public string Json => $$"""
        {
          "faults": {{Faults}},
          "accounts": [
            {
              "id": "{{AccountId}}",
              {{AccountExtras}}
              "oidcProviders": [ { "url": "${issuer}", "clientIds": ["aws.workload.identity", "second.audience"] } ],
              "roles": [
                {
                  "name": "deploy",
                  {{RoleExtras}}
                  "trustPolicy": {
                    "Version": "2012-10-17",
                    "Statement": [
                      {
                        "Sid": "TrustTheIssuer",
                        "Effect": "Allow",
                        "Principal": { "Federated": "arn:aws:iam::{{AccountId}}:oidc-provider/${issuer_host}" },
                        "Action": {{TrustActions}},
                        "Condition": {{Conditions}}
                      }
                      {{ExtraTrustStatements}}
                    ]
                  },
                  "permissions": [ {{Permissions}} ]
                }
              ],
              "buckets": [ { "name": "data", "objects": { "hello.txt": "Hello, world!" } } ]
            },
            {
              "id": "210987654321",
              "buckets": [ { "name": "foreign-data", "objects": { "secret.txt": "not yours" } } ]
            }
          ]
        }
        """;
}
