using System.Net;
using System.Security.Cryptography;
using System.Xml.Linq;
using Amazon.SecurityToken.Model;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Sts;

/// <summary>The errors of AssumeRoleWithWebIdentity that are not about the token or the trust policy.</summary>
public sealed class AssumeRoleTests
{
    private static readonly TimeSpan HalfAMinute = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("x", "Member must have length greater than or equal to 2")]
    [InlineData("has space", @"Member must satisfy regular expression pattern: [A-Za-z0-9_+=,.@-]*")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234x", "Member must have length less than or equal to 64")]
    public async Task A_session_name_has_to_fit(string name, string constraint)
    {
        await using var simulation = await Simulation.StartAsync();

        var refusal = await simulation.RefusedAsync(change: request => request.RoleSessionName = name);

        Assert.Equal("ValidationError", refusal.ErrorCode);
        Assert.Contains("at 'roleSessionName' failed to satisfy constraint", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(constraint, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(899, "Member must have value greater than or equal to 900")]
    [InlineData(43201, "Member must have value less than or equal to 43200")]
    [InlineData(3601, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")]
    public async Task A_duration_has_to_fit(int seconds, string message)
    {
        await using var simulation = await Simulation.StartAsync();

        var refusal = await simulation.RefusedAsync(change: request => request.DurationSeconds = seconds);

        Assert.Equal("ValidationError", refusal.ErrorCode);
        Assert.Equal(HttpStatusCode.BadRequest, refusal.StatusCode);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_can_allow_longer_sessions()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { RoleExtras = "\"maxSessionDuration\": 7200," });

        var credentials = await simulation.AssumeAsync(change: request => request.DurationSeconds = 7200);

        Assert.InRange((credentials.Expiration!.Value - simulation.Clock.GetUtcNow().UtcDateTime).TotalSeconds, 7199, 7200);
    }

    [Fact]
    public async Task A_simulator_can_be_told_to_issue_short_sessions()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { MinimumSessionDuration = HalfAMinute });

        await simulation.AssumeAsync(change: request => request.DurationSeconds = (int)HalfAMinute.TotalSeconds);
    }

    [Fact]
    public async Task All_missing_parameters_are_named_at_once()
    {
        await using var simulation = await Simulation.StartAsync();

        var (status, error) = await PostAsync(simulation, ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"));

        Assert.Equal(400, status);
        Assert.Equal("ValidationError", Value(error, "Code"));
        Assert.StartsWith("3 validation errors detected: Value null at 'roleArn'", Value(error, "Message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_ARN_has_to_be_one()
    {
        await using var simulation = await Simulation.StartAsync();

        var refusal = await simulation.RefusedAsync(change: request => request.RoleArn = "arn:aws:iam::123456789012:user/someone");

        Assert.Equal("ValidationError", refusal.ErrorCode);
        Assert.Equal("Request ARN is invalid", refusal.Message);
    }

    [Fact]
    public async Task A_provider_id_is_for_other_kinds_of_token()
    {
        await using var simulation = await Simulation.StartAsync();

        var refusal = await simulation.RefusedAsync(change: request => request.ProviderId = "www.amazon.com");

        Assert.Equal("ValidationError", refusal.ErrorCode);
    }

    [Theory]
    [InlineData("AssumeRole", "2011-06-15")]
    [InlineData("AssumeRoleWithWebIdentity", "2010-01-01")]
    public async Task An_unknown_action_is_refused(string action, string version)
    {
        await using var simulation = await Simulation.StartAsync();

        var (status, error) = await PostAsync(simulation, ("Action", action), ("Version", version));

        Assert.Equal(400, status);
        Assert.Equal("InvalidAction", Value(error, "Code"));
    }

    [Fact]
    public async Task The_query_string_works_as_well_as_a_form()
    {
        await using var simulation = await Simulation.StartAsync();

        var answer = await simulation.Http.GetStringAsync(new Uri(
            simulation.Address,
            $"/?Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleSessionName=run-1&RoleArn={Simulation.RoleArn}"
                + $"&WebIdentityToken={simulation.Issuer.Token()}"));

        Assert.Equal("AssumeRoleWithWebIdentityResponse", XElement.Parse(answer).Name.LocalName);
    }

    [Fact]
    public async Task A_body_without_end_is_refused()
    {
        await using var simulation = await Simulation.StartAsync();

        var (status, error) = await PostAsync(simulation, ("Action", "GetCallerIdentity"), ("Padding", new string('x', 200_000)));

        Assert.Equal(413, status);
        Assert.Equal("RequestEntityTooLarge", Value(error, "Code"));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{ "Statement": [] }""")]
    [InlineData("""{ "Statement": { "Effect": "Allow", "Action": "s3:*" } }""")]
    [InlineData("""{ "Statement": { "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*" } }""")]
    public async Task A_session_policy_that_is_none_is_refused(string policy)
    {
        await using var simulation = await Simulation.StartAsync();

        var refusal = await simulation.RefusedAsync(change: request => request.Policy = policy);

        Assert.IsType<MalformedPolicyDocumentException>(refusal);
    }

    [Fact]
    public async Task Policies_and_tags_that_do_not_fit_together_are_refused()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            TrustActions = """["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]""",
        });
        var token = simulation.Issuer.Token();
        for (var count = 0; count < 50; count++)
        {
            var value = Convert.ToHexString(RandomNumberGenerator.GetBytes(96));
            token.With($"https://aws.amazon.com/tags/principal_tags/key-{count}", value);
        }

        var refusal = await simulation.RefusedAsync(token);

        Assert.IsType<PackedPolicyTooLargeException>(refusal);
        Assert.Matches(@"^Packed policy consumes \d+% of allotted space", refusal.Message);
    }

    [Fact]
    public async Task STS_can_be_switched_off_in_the_region()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { Faults = """{ "stsDisabled": true }""" });

        var refusal = await simulation.RefusedAsync();

        Assert.IsType<RegionDisabledException>(refusal);
        Assert.Equal(HttpStatusCode.Forbidden, refusal.StatusCode);
    }

    [Fact]
    public async Task The_first_exchanges_can_be_throttled_and_then_fail()
    {
        await using var simulation = await Simulation.StartAsync(
            new Setup { Faults = """{ "throttleFirst": 2, "failFirst": 1 }""" });

        Assert.Equal("Throttling", (await simulation.RefusedAsync()).ErrorCode);
        Assert.Equal("Throttling", (await simulation.RefusedAsync()).ErrorCode);
        Assert.Equal("InternalFailure", (await simulation.RefusedAsync()).ErrorCode);
        await simulation.AssumeAsync();
    }

    [Fact]
    public async Task A_clock_that_is_ahead_finds_tokens_expired()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { Faults = """{ "clockOffsetSeconds": 1200 }""" });

        Assert.Equal("ExpiredTokenException", (await simulation.RefusedAsync()).ErrorCode);
    }

    private static async Task<(int Status, XElement Error)> PostAsync(
        Simulation simulation, params (string Name, string Value)[] parameters)
    {
        using var form = new FormUrlEncodedContent(parameters.ToDictionary(pair => pair.Name, pair => pair.Value));
        using var response = await simulation.Http.PostAsync("/", form, TestContext.Current.CancellationToken);
        var root = XElement.Parse(await response.Content.ReadAsStringAsync());
        return ((int)response.StatusCode, root.Elements().First());
    }

    private static string? Value(XElement error, string name) => error.Element(error.Name.Namespace + name)?.Value;
}
