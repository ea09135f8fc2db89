using System.Globalization;
using System.Xml.Linq;
using Amazon.SecurityToken.Model;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Sts;

/// <summary>Policies a caller narrows its own session with.</summary>
public sealed class SessionPolicyTests
{
    private const string ReadOnly =
        """{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*" } }""";

    [Fact]
    public async Task An_inline_policy_narrows_what_the_role_may()
    {
        await using var simulation = await Simulation.StartAsync();
        var s3 = await simulation.S3Async(change: request => request.Policy = ReadOnly);

        Assert.Equal(200, (await s3.GetAsync("/data/hello.txt")).Status);
        var refused = await s3.PutAsync("/data/new", "x");

        Assert.Equal("AccessDenied", refused.Code);
        Assert.EndsWith("because no session policy allows the s3:PutObject action", refused.Message, StringComparison.Ordinal);
        Assert.Equal(
            ["permissions[0] of role deploy", "inline session policy"],
            simulation.LastExplanation.Policies.Select(policy => policy.Policy));
    }

    [Fact]
    public async Task An_inline_policy_does_not_widen_what_the_role_may()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { Permissions = ReadOnly });
        var s3 = await simulation.S3Async(change: request =>
            request.Policy = """{ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } }""");

        var refused = await s3.PutAsync("/data/new", "x");

        Assert.EndsWith("because no identity-based policy allows the s3:PutObject action", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_of_AWS_can_be_named_by_its_ARN()
    {
        await using var simulation = await Simulation.StartAsync();
        var s3 = await simulation.S3Async(change: request => request.PolicyArns =
            [new PolicyDescriptorType { Arn = "arn:aws:iam::aws:policy/ReadOnlyAccess" }]);

        Assert.Equal(200, (await s3.GetAsync("/data/hello.txt")).Status);
        Assert.Equal(403, (await s3.PutAsync("/data/new", "x")).Status);
    }

    [Fact]
    public async Task A_policy_of_the_account_can_be_named_by_its_ARN()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            AccountExtras = $$""" "managedPolicies": [ { "name": "read-only", "document": {{ReadOnly}} } ], """,
        });
        var s3 = await simulation.S3Async(change: request => request.PolicyArns =
            [new PolicyDescriptorType { Arn = $"arn:aws:iam::{Setup.AccountId}:policy/read-only" }]);

        Assert.Equal(200, (await s3.GetAsync("/data/hello.txt")).Status);
        Assert.Equal(403, (await s3.PutAsync("/data/new", "x")).Status);
    }

    [Fact]
    public async Task A_policy_nobody_knows_is_refused()
    {
        await using var simulation = await Simulation.StartAsync();

        var refusal = await simulation.RefusedAsync(change: request => request.PolicyArns =
            [new PolicyDescriptorType { Arn = $"arn:aws:iam::{Setup.AccountId}:policy/nobody" }]);

        Assert.Equal("MalformedPolicyDocument", refusal.ErrorCode);
    }

    [Fact]
    public async Task The_space_a_policy_takes_is_answered_in_percent()
    {
        await using var simulation = await Simulation.StartAsync();

        // AWS's client has retired this member in favour of one whose meaning is not documented.
        var answer = XElement.Parse(await simulation.Http.GetStringAsync(new Uri(
            simulation.Address,
            $"/?Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=run-1&RoleArn={Simulation.RoleArn}"
                + $"&WebIdentityToken={simulation.Issuer.Token()}&Policy={Uri.EscapeDataString(ReadOnly)}")));

        var percent = answer.Descendants(answer.Name.Namespace + "PackedPolicySize").Single().Value;
        Assert.InRange(int.Parse(percent, CultureInfo.InvariantCulture), 1, 100);
    }
}
