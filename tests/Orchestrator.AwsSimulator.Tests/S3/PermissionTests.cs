using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.S3;

public sealed class PermissionTests
{
    [Fact]
    public async Task A_role_that_may_read_may_not_write()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            Permissions = """
                { "Version": "2012-10-17", "Statement": [
                  { "Sid": "Read", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*" } ] }
                """,
        });
        var s3 = await simulation.S3Async();

        Assert.Equal(200, (await s3.GetAsync("/data/hello.txt")).Status);
        var refused = await s3.PutAsync("/data/hello.txt", "x");

        Assert.Equal(403, refused.Status);
        Assert.Equal(
            $"User: arn:aws:sts::{Setup.AccountId}:assumed-role/deploy/run-1-plan is not authorized to perform: s3:PutObject on "
                + "resource: \"arn:aws:s3:::data/hello.txt\" because no identity-based policy allows the s3:PutObject action",
            refused.Message);
        Assert.Equal(403, (await s3.DeleteAsync("/data/hello.txt")).Status);
        Assert.Equal(403, (await s3.GetAsync("/data?list-type=2")).Status);
        Assert.Equal("Hello, world!", (await s3.GetAsync("/data/hello.txt")).Body);
    }

    [Fact]
    public async Task Who_may_not_list_does_not_learn_which_keys_exist()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            Permissions = """{ "Statement": { "Effect": "Allow", "Action": "s3:GetObject", "Resource": "*" } }""",
        });
        var s3 = await simulation.S3Async();

        Assert.Equal("AccessDenied", (await s3.GetAsync("/data/nothing")).Code);
    }

    [Fact]
    public async Task A_deny_wins()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            Permissions = """
                { "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } },
                { "Statement": { "Sid": "Keep", "Effect": "Deny", "Action": "s3:Delete*", "Resource": "*" } }
                """,
        });
        var s3 = await simulation.S3Async();

        var refused = await s3.DeleteAsync("/data/hello.txt");

        Assert.EndsWith("with an explicit deny in an identity-based policy", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prefix=public%2F", 200)]
    [InlineData("prefix=private%2F", 403)]
    [InlineData("max-keys=5", 403)]
    public async Task A_condition_can_limit_a_listing(string query, int status)
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            Permissions = """
                { "Statement": { "Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::data",
                  "Condition": { "StringLike": { "s3:prefix": "public/*" } } } }
                """,
        });
        var s3 = await simulation.S3Async();

        Assert.Equal(status, (await s3.GetAsync($"/data?list-type=2&{query}")).Status);
    }

    [Fact]
    public async Task The_tokens_subject_is_still_known_to_later_requests()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            Permissions = """
                { "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*",
                  "Condition": { "StringLike": { "${issuer_host}:sub": "*:run_phase:apply" } } } }
                """,
        });

        var plan = await simulation.S3Async();
        var apply = await simulation.S3Async(simulation.Issuer.Token().With("sub", "organization:acme:run_phase:apply"));

        Assert.Equal(403, (await plan.GetAsync("/data/hello.txt")).Status);
        Assert.Equal(200, (await apply.GetAsync("/data/hello.txt")).Status);
    }

    [Fact]
    public async Task Sessions_made_before_a_moment_can_be_shut_out()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            Permissions = """
                { "Statement": { "Effect": "Allow", "Action": "s3:*", "Resource": "*" } },
                { "Statement": { "Effect": "Deny", "Action": "*", "Resource": "*",
                  "Condition": { "DateLessThan": { "aws:TokenIssueTime": "2090-01-01T00:00:00Z" } } } }
                """,
        });
        var s3 = await simulation.S3Async();

        Assert.Equal(403, (await s3.GetAsync("/data/hello.txt")).Status);
    }
}
