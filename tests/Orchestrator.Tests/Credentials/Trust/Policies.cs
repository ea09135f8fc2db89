namespace Orchestrator.Tests.Credentials.Trust;

/// <summary>Trust policies for tests, each right but for the part that a test is about.</summary>
internal static class Policies
{
    public const string Host = "orchestrator.example.com";
    public const string Issuer = $"https://{Host}";
    public const string Account = "123456789012";
    public const string Provider = $"arn:aws:iam::{Account}:oidc-provider/{Host}";
    public const string Audience = "aws.workload.identity";
    public const string Workspace = "organization:acme:project:core:workspace:net-prod";
    public const string Plan = $"{Workspace}:run_phase:plan";
    public const string Apply = $"{Workspace}:run_phase:apply";

    public const string Right = $$"""{ "StringEquals": { "{{Host}}:aud": "{{Audience}}", "{{Host}}:sub": "{{Plan}}" } }""";

    /// <summary>A policy with one statement.</summary>
    /// <param name="sub">What is asked of the subject: an operator and a value.</param>
    public static string Subject(string comparison, string sub) => With(condition: comparison == "StringEquals"
        ? $$"""{ "StringEquals": { "{{Host}}:aud": "{{Audience}}", "{{Host}}:sub": "{{sub}}" } }"""
        : $$"""{ "StringEquals": { "{{Host}}:aud": "{{Audience}}" }, "{{comparison}}": { "{{Host}}:sub": "{{sub}}" } }""");

    /// <summary>A policy whose one statement asks for the right subject and audience, and for something else besides.</summary>
    public static string And(string comparison, string key, string value) => With(condition: comparison == "StringEquals"
        ? $$"""{ "StringEquals": { "{{key}}": "{{value}}", "{{Host}}:aud": "{{Audience}}", "{{Host}}:sub": "{{Plan}}" } }"""
        : $$"""{ "{{comparison}}": { "{{key}}": "{{value}}" }, "StringEquals": { "{{Host}}:aud": "{{Audience}}", "{{Host}}:sub": "{{Plan}}" } }""");

    public static string With(
        string condition = Right,
        string principal = $$"""{ "Federated": "{{Provider}}" }""",
        string action = "\"sts:AssumeRoleWithWebIdentity\"",
        string more = "",
        string version = "2012-10-17") => $$"""
        {
          "Version": "{{version}}",
          "Statement": [
            { "Sid": "PlanPhase", "Effect": "Allow", "Principal": {{principal}}, "Action": {{action}}, "Condition": {{condition}} }{{more}}
          ]
        }
        """;
}
