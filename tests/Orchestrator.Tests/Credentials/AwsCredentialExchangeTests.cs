using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Credentials.Aws;
using Orchestrator.Tests.Support;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Tests.Credentials;

public sealed class AwsCredentialExchangeTests
{
    private const string Subject = "organization:acme:project:Default Project:workspace:network:run_phase:plan";

    private static readonly AwsRoleRequest Request = new(
        "arn:aws:iam::123456789012:role/deploy", "TFC_AWS_RUN_ROLE_ARN", "eu-central-1", "run-plan", TimeSpan.FromMinutes(15));

    private static readonly IdentityToken Token = new(
        "header.claims.signature", "token-id", Subject, "aws.workload.identity", Installation.Start, Installation.Start.AddMinutes(5));

    [Fact]
    public async Task A_token_is_traded_for_the_sessions_keys()
    {
        await using var sts = await StubSts.StartAsync(200, StubSts.Success);

        var (session, refusal) = await ExchangeAsync(sts.Address);

        Assert.Null(refusal);
        Assert.Equal(("ASIAKEY", "SECRETKEY", "SESSIONTOKEN"), (session!.AccessKeyId, session.SecretAccessKey, session.SessionToken));
        Assert.Equal("arn:aws:sts::123456789012:assumed-role/deploy/run-plan", session.Principal);
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 13, 0, 0, TimeSpan.Zero), session.ExpiresAt);
        Assert.Equal("request-id", session.RequestId);
        Assert.Equal(
            ("AssumeRoleWithWebIdentity", "2011-06-15", Request.RoleArn, "run-plan", "header.claims.signature", "900"),
            (sts.Form["Action"], sts.Form["Version"], sts.Form["RoleArn"], sts.Form["RoleSessionName"], sts.Form["WebIdentityToken"], sts.Form["DurationSeconds"]));
        // The token is the proof: nothing else is signed or sent.
        Assert.DoesNotContain("Authorization", sts.Headers);
    }

    [Theory]
    [InlineData(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", "its trust policy allows sts:AssumeRoleWithWebIdentity")]
    [InlineData(400, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://x", "the account 123456789012 has an IAM OIDC provider")]
    [InlineData(400, "InvalidIdentityToken", "Incorrect token audience", "'aws.workload.identity' is among the client ids")]
    [InlineData(400, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider", "AWS can fetch this server's /.well-known/openid-configuration")]
    [InlineData(403, "AccessDenied", "Not authorized to perform sts:TagSession", "allows sts:TagSession and sts:SetSourceIdentity as well")]
    [InlineData(403, "AccessDenied", "Not authorized to perform sts:SetSourceIdentity", "allows sts:TagSession and sts:SetSourceIdentity as well")]
    [InlineData(400, "InvalidIdentityToken", "Token signature invalid", "the issuer's published keys are this server's own")]
    [InlineData(400, "InvalidIdentityToken", "The ID Token provided is not a valid JWT", "AWS cannot read this server's token")]
    [InlineData(400, "InvalidIdentityToken", "Missing a required claim: aud", "AWS cannot read this server's token")]
    [InlineData(400, "InvalidIdentityToken", "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint", "the thumbprints of the IAM OIDC provider")]
    [InlineData(400, "ExpiredTokenException", "Token expired: current date/time must be before the expiration", "the clock of this server")]
    [InlineData(400, "ExpiredTokenException", "Token too old: 86400", "the clock of this server")]
    [InlineData(400, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration", "the role's maximum session duration")]
    [InlineData(400, "ValidationError", "1 validation error detected", "the role's ARN, its trust policy")]
    [InlineData(403, "RegionDisabledException", "STS is not activated in this region", "STS is activated for this region")]
    [InlineData(400, "Throttling", "Rate exceeded", "AWS is limiting the number of calls")]
    [InlineData(500, "InternalFailure", "It is us", "AWS STS itself has trouble")]
    [InlineData(503, "ServiceUnavailable", "Not now", "AWS STS itself has trouble")]
    [InlineData(403, "IDPRejectedClaim", "The identity provider said no", "rejects the token's claims")]
    [InlineData(400, "IDPCommunicationError", "No connection", "AWS can reach this server's /.well-known/openid-configuration")]
    [InlineData(400, "MalformedPolicyDocument", "Syntax", "the session policy that the plan is given")]
    [InlineData(400, "PackedPolicyTooLarge", "Too large", "session tags and session policy together")]
    [InlineData(400, "SomethingNew", "Never heard of", "the role's ARN, its trust policy")]
    public async Task A_refusal_says_what_happened_and_what_to_check(int status, string code, string message, string advice)
    {
        await using var sts = await StubSts.StartAsync(status, StubSts.Error(code, message));

        var (session, refusal) = await ExchangeAsync(sts.Address);

        Assert.Null(session);
        Assert.Equal((code, "request-id"), (refusal!.Code, refusal.RequestId));
        Assert.All([Request.RoleArn, Request.RoleVariable, Subject, Token.Audience, code, message, advice],
            part => Assert.Contains(part, refusal.Advice, StringComparison.Ordinal));
        Assert.DoesNotContain(Token.Compact, refusal.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, "Throttling", "Rate exceeded")]
    [InlineData(400, "IDPCommunicationError", "No connection")]
    [InlineData(400, "InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider")]
    [InlineData(500, "InternalFailure", "It is us")]
    [InlineData(503, "ServiceUnavailable", "Not now")]
    public async Task What_may_pass_is_asked_again_a_few_times_and_no_more(int status, string code, string message)
    {
        var failure = (status, StubSts.Error(code, message));
        await using var recovering = await StubSts.StartAsync(failure, failure, (200, StubSts.Success));
        Assert.NotNull((await ExchangeAsync(recovering.Address)).Session);
        Assert.Equal(3, recovering.Calls.Count);

        await using var failing = await StubSts.StartAsync(failure);
        Assert.Equal(code, (await ExchangeAsync(failing.Address)).Refusal!.Code);
        Assert.Equal(5, failing.Calls.Count);
    }

    [Theory]
    [InlineData(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")]
    [InlineData(400, "InvalidIdentityToken", "Incorrect token audience")]
    [InlineData(400, "ExpiredTokenException", "Token expired")]
    [InlineData(400, "ValidationError", "1 validation error detected")]
    [InlineData(400, "MalformedPolicyDocument", "Syntax")]
    [InlineData(400, "PackedPolicyTooLarge", "Too large")]
    [InlineData(403, "RegionDisabledException", "STS is not activated in this region")]
    public async Task What_stays_as_it_is_is_asked_once(int status, string code, string message)
    {
        await using var sts = await StubSts.StartAsync(status, StubSts.Error(code, message));

        await ExchangeAsync(sts.Address);

        Assert.Single(sts.Calls);
    }

    [Fact]
    public async Task A_role_that_allows_an_hour_only_is_asked_for_an_hour_and_is_remembered()
    {
        await using var sts = await StubSts.StartAsync(
            (400, StubSts.Error("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")), (200, StubSts.Success));
        using var exchange = Exchange(sts.Address);
        var request = Request with { Duration = TimeSpan.FromHours(2) };

        Assert.NotNull((await exchange.ExchangeAsync(Token, request, CancellationToken.None)).Session);
        Assert.NotNull((await exchange.ExchangeAsync(Token, request, CancellationToken.None)).Session);

        Assert.Equal(["7200", "3600", "3600"], sts.Calls.Select(call => call["DurationSeconds"]));
    }

    [Theory]
    [InlineData("arn:aws:iam::123456789012:role/deploy", "arn:aws:iam::aws:policy/ReadOnlyAccess")]
    [InlineData("arn:aws-cn:iam::123456789012:role/deploy", "arn:aws-cn:iam::aws:policy/ReadOnlyAccess")]
    public async Task A_session_that_may_only_read_is_narrowed_by_the_partitions_own_policy(string role, string policy)
    {
        await using var sts = await StubSts.StartAsync(200, StubSts.Success);

        await ExchangeAsync(sts.Address);
        Assert.DoesNotContain(sts.Form.Keys, name => name.StartsWith("PolicyArns", StringComparison.Ordinal));

        await Exchange(sts.Address).ExchangeAsync(Token, Request with { RoleArn = role, ReadOnly = true }, CancellationToken.None);
        Assert.Equal(policy, sts.Form["PolicyArns.member.1.arn"]);
    }

    // The stub's answers carry the machine's own time, so the clock that is compared with it is set beside that.
    [Theory]
    [InlineData(6, "6 minutes ahead of AWS's")]
    [InlineData(-7, "7 minutes behind AWS's")]
    [InlineData(4, null)]
    [InlineData(-4, null)]
    public async Task A_clock_that_is_more_than_five_minutes_wrong_is_told(int minutes, string? told)
    {
        var clock = new AwsClock(new FakeTimeProvider(TimeProvider.System.GetUtcNow().AddMinutes(minutes)));
        await using var sts = await StubSts.StartAsync(400, StubSts.Error("ExpiredTokenException", "Token expired"));
        using var exchange = Exchange(sts.Address, clock);
        Assert.Null(clock.Warning);

        await exchange.AskTheTimeAsync(CancellationToken.None);
        Assert.Equal(told is null, clock.Warning is null);
        Assert.Contains(told ?? "", clock.Warning ?? "", StringComparison.Ordinal);

        var (_, refusal) = await exchange.ExchangeAsync(Token, Request, CancellationToken.None);
        Assert.Equal(told is not null, refusal!.Advice.Contains("keep its time by NTP", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_that_is_no_xml_is_a_refusal_and_no_crash()
    {
        await using var sts = await StubSts.StartAsync(502, "<html>Bad gateway</html");

        var (session, refusal) = await ExchangeAsync(sts.Address);

        Assert.Null(session);
        Assert.Contains(Request.RoleArn, refusal!.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "InvalidClientTokenId", "The security token included in the request is invalid.", "Orchestrator__Aws__StsEndpoint leads to the same AWS")]
    [InlineData(403, "ExpiredToken", "The security token included in the request is expired", "the clock of this server")]
    [InlineData(403, "SignatureDoesNotMatch", "The request signature we calculated does not match", "nothing between it and this server changes requests")]
    [InlineData(403, "MissingAuthenticationToken", "Request is missing Authentication Token", "nothing between it and this server changes requests")]
    [InlineData(400, "IncompleteSignature", "The request signature does not conform to AWS standards.", "nothing between it and this server changes requests")]
    public async Task Keys_that_aws_gave_and_does_not_take_are_told_with_what_to_check(int status, string code, string message, string advice)
    {
        await using var sts = await StubSts.StartAsync(status, StubSts.Error(code, message));
        using var exchange = Exchange(sts.Address);
        var session = new AwsSession("ASIAKEY", "SECRETKEY", "SESSIONTOKEN", Installation.Start, "arn:aws:sts::1:assumed-role/x/y", "id");

        var (principal, problem) = await exchange.AskWhoAsync(session, "eu-central-1", CancellationToken.None);

        Assert.Null(principal);
        Assert.All(["ASIAKEY", code, message, advice], part => Assert.Contains(part, problem, StringComparison.Ordinal));
        Assert.All(["SECRETKEY", "SESSIONTOKEN"], secret => Assert.DoesNotContain(secret, problem, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Somebody_who_takes_too_long_is_asked_a_few_times_and_then_said_to_be_out_of_reach()
    {
        // Takes every connection, and never says a word.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var address = $"http://{silent.LocalEndpoint}";
        using var exchange = new AwsCredentialExchange(
            Options.Create(new AwsOptions { StsEndpoint = address, CallTimeout = TimeSpan.FromMilliseconds(100) }), new AwsClock(TimeProvider.System), new ImpatientClock());

        var (session, refusal) = await exchange.ExchangeAsync(Token, Request, CancellationToken.None).WaitAsync(Wait.Limit);

        Assert.Null(session);
        Assert.Equal("Unreachable", refusal!.Code);
        Assert.Contains($"{address}: it did not answer within 0.1 seconds.", refusal.Advice, StringComparison.Ordinal);
        Assert.Contains("did not answer", (await exchange.AskWhoAsync(
            new AwsSession("ASIAKEY", "SECRETKEY", "SESSIONTOKEN", Installation.Start, "arn", "id"), null, CancellationToken.None).WaitAsync(Wait.Limit)).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_there_is_said_with_the_address()
    {
        string address;
        await using (var sts = await StubSts.StartAsync(200, ""))
        {
            address = sts.Address;
        }

        var (session, refusal) = await ExchangeAsync(address);

        Assert.Null(session);
        Assert.Equal("Unreachable", refusal!.Code);
        Assert.Contains(address, refusal.Advice, StringComparison.Ordinal);
        Assert.Contains("Orchestrator__Aws__StsEndpoint", refusal.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_the_exchange()
    {
        await using var sts = await StubSts.StartAsync(200, StubSts.Success);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Exchange(sts.Address).ExchangeAsync(
            Token, Request, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Printing_a_session_does_not_tell_its_secrets()
    {
        var session = new AwsSession("ASIAKEY", "SECRETKEY", "SESSIONTOKEN", Installation.Start, "arn:aws:sts::1:assumed-role/x/y", "id");

        Assert.Equal("session ASIAKEY of arn:aws:sts::1:assumed-role/x/y", $"{session}");
    }

    private static Task<(AwsSession? Session, AwsRefusal? Refusal)> ExchangeAsync(string address) =>
        Exchange(address).ExchangeAsync(Token, Request, CancellationToken.None);

    private static AwsCredentialExchange Exchange(string address, AwsClock? clock = null) =>
        new(Options.Create(new AwsOptions { StsEndpoint = address }), clock ?? new AwsClock(TimeProvider.System), new ImpatientClock());
}
