using System.Text.Json;
using Orchestrator.AwsPolicies;
using Orchestrator.AwsPolicies.Json;

namespace Orchestrator.AwsSimulator.Tests.Iam;

/// <summary>The comparisons and the matching that a call over HTTP reaches only in part.</summary>
public sealed class PolicyEvaluatorTests
{
    [Theory]
    [InlineData("NumericEquals", "10", "10.0", true)]
    [InlineData("NumericEquals", "10", "ten", false)]
    [InlineData("NumericNotEquals", "10", "11", true)]
    [InlineData("NumericLessThan", "10", "9", true)]
    [InlineData("NumericLessThan", "10", "10", false)]
    [InlineData("NumericLessThanEquals", "10", "10", true)]
    [InlineData("NumericGreaterThan", "10", "10", false)]
    [InlineData("NumericGreaterThanEquals", "10", "10", true)]
    [InlineData("DateEquals", "2026-01-01T00:00:00Z", "1767225600", true)]
    [InlineData("DateNotEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", false)]
    [InlineData("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", true)]
    [InlineData("DateLessThanEquals", "2026-01-01", "2026-01-01T00:00:00Z", true)]
    [InlineData("DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", false)]
    [InlineData("DateGreaterThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", true)]
    [InlineData("DateLessThan", "2026-01-01T00:00:00Z", "yesterday", false)]
    [InlineData("Bool", "true", "TRUE", true)]
    [InlineData("Bool", "true", "false", false)]
    [InlineData("BinaryEquals", "QmluYXJ5", "QmluYXJ5", true)]
    [InlineData("BinaryEquals", "QmluYXJ5", "qmluyxj5", false)]
    [InlineData("IpAddress", "10.1.0.0/16", "10.1.2.3", true)]
    [InlineData("IpAddress", "2001:db8::/32", "2001:db8::1", true)]
    [InlineData("IpAddress", "10.1.2.3", "10.1.2.3", true)]
    [InlineData("IpAddress", "not a network", "10.1.2.3", false)]
    [InlineData("NotIpAddress", "10.1.0.0/16", "10.2.0.1", true)]
    [InlineData("ArnEquals", "arn:aws:s3:::b*", "arn:aws:s3:::bucket", true)]
    [InlineData("ArnLike", "arn:aws:iam::*:role/deploy-?", "arn:aws:iam::123456789012:role/deploy-1", true)]
    [InlineData("ArnLike", "arn:aws:iam::*", "arn:aws:iam::123456789012:role/deploy", false)]
    [InlineData("ArnLike", "arn:aws:iam::*", "not an ARN", false)]
    [InlineData("ArnNotEquals", "arn:aws:s3:::bucket", "arn:aws:s3:::other", true)]
    [InlineData("ArnNotLike", "arn:aws:s3:::*", "arn:aws:s3:::other", false)]
    [InlineData("StringLike", "a*b*c", "a--b--b--c", true)]
    [InlineData("StringLike", "*a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    [InlineData("StringLike", "${*}", "*", true)]
    [InlineData("StringLike", "${*}", "anything", false)]
    [InlineData("StringEquals", "${test:other}", "filled in", true)]
    [InlineData("StringEquals", "${test:missing}", "${test:missing}", false)]
    [InlineData("StringEquals", "${test:missing, 'default'}", "default", true)]
    [InlineData("NumericLessThanIfExists", "10", null, true)]
    [InlineData("NumericLessThan", "10", null, false)]
    [InlineData("ArnNotLike", "arn:aws:s3:::*", null, true)]
    public void Each_operator_compares_by_its_rule(string comparison, string expected, string? actual, bool holds)
    {
        var context = new RequestContext().Set("test:key", actual).Set("test:other", "filled in");

        Assert.Equal(holds, Allows($$"""
            { "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*",
              "Condition": { "{{comparison}}": { "test:key": "{{expected}}" } } } }
            """, context: context));
    }

    [Fact]
    public void Variables_are_plain_text_before_version_2012() => Assert.True(Allows(
        """
        { "Version": "2008-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*",
          "Condition": { "StringEquals": { "test:key": "${test:other}" } } } }
        """,
        context: new RequestContext().Set("test:key", "${test:other}").Set("test:other", "filled in")));

    [Theory]
    [InlineData("s3:GetObject", true)]
    [InlineData("S3:getobject", true)]
    [InlineData("s3:Get*", true)]
    [InlineData("s3:Get?bject", true)]
    [InlineData("*", true)]
    [InlineData("s3:PutObject", false)]
    [InlineData("s3:Get", false)]
    public void Actions_match_with_wildcards_and_without_case(string action, bool allowed) => Assert.Equal(
        allowed, Allows($$"""{ "Statement": { "Effect": "Allow", "Action": "{{action}}", "Resource": "*" } }"""));

    [Theory]
    [InlineData("arn:aws:s3:::bucket/key", true)]
    [InlineData("arn:aws:s3:::bucket/*", true)]
    [InlineData("arn:aws:s3:::*", true)]
    [InlineData("arn:aws:s3:::Bucket/*", false)]
    [InlineData("arn:aws:s3:::bucket", false)]
    public void Resources_match_with_wildcards_and_with_case(string resource, bool allowed) => Assert.Equal(
        allowed, Allows($$"""{ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "{{resource}}" } }"""));

    [Theory]
    [InlineData("\"NotAction\": \"s3:Put*\", \"Resource\": \"*\"", true)]
    [InlineData("\"NotAction\": \"s3:Get*\", \"Resource\": \"*\"", false)]
    [InlineData("\"Action\": \"*\", \"NotResource\": \"arn:aws:s3:::other/*\"", true)]
    [InlineData("\"Action\": \"*\", \"NotResource\": \"arn:aws:s3:::bucket/*\"", false)]
    public void Inverted_elements_match_everything_else(string elements, bool allowed) => Assert.Equal(
        allowed, Allows($$"""{ "Statement": { "Effect": "Allow", {{elements}} } }"""));

    [Theory]
    [InlineData("""{ "Statement": { "Effect": "allow", "Action": "*", "Resource": "*" } }""", "$.Statement.Effect")]
    [InlineData("""{ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*", "Conditions": {} } }""", "$.Statement.Conditions")]
    [InlineData("""{ "Version": "2020-01-01", "Statement": [] }""", "$.Version")]
    [InlineData("""{ "Statement": [{ "Effect": "Allow", "Action": "GetObject", "Resource": "*" }] }""", "$.Statement[0].Action")]
    [InlineData("""{ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "bucket" } }""", "$.Statement.Resource")]
    [InlineData(
        """{ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { "StringIs": { "a:b": "c" } } } }""",
        "$.Statement.Condition.StringIs")]
    [InlineData(
        """{ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*", "Condition": { "NullIfExists": { "a:b": "c" } } } }""",
        "$.Statement.Condition.NullIfExists")]
    public void A_policy_IAM_would_not_take_is_refused_with_its_place(string policy, string path)
    {
        var refusal = Assert.Throws<JsonShapeException>(() => Read(policy));

        Assert.Equal(path, refusal.Path);
    }

    private static bool Allows(string policy, RequestContext? context = null) => PolicyEvaluator.Evaluate(
        Read(policy),
        new AuthorizationRequest("s3:GetObject", "arn:aws:s3:::bucket/key", null, context ?? new RequestContext())).Allows;

    private static PolicyDocument Read(string policy)
    {
        using var json = JsonDocument.Parse(policy);
        return PolicyReader.ReadPermissions(new JsonCursor(json.RootElement, "$"), "test");
    }
}
