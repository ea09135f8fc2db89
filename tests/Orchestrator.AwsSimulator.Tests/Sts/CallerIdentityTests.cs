using System.Net;
using System.Text;
using System.Xml.Linq;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Orchestrator.AwsSimulator.Tests.Drivers;

namespace Orchestrator.AwsSimulator.Tests.Sts;

public sealed class CallerIdentityTests
{
    private static readonly TimeSpan HalfAMinute = TimeSpan.FromSeconds(30);
    private static readonly byte[] Form = Encoding.ASCII.GetBytes("Action=GetCallerIdentity&Version=2011-06-15");

    [Fact]
    public async Task A_session_learns_who_it_is()
    {
        await using var simulation = await Simulation.StartAsync();
        var session = await simulation.ExchangeAsync(simulation.Issuer.Token().ToString());

        var identity = await AskAsync(simulation, session.Credentials);

        Assert.Equal(Setup.AccountId, identity.Account);
        Assert.Equal(session.AssumedRoleUser.Arn, identity.Arn);
        Assert.Equal(session.AssumedRoleUser.AssumedRoleId, identity.UserId);
    }

    [Fact]
    public async Task An_explicit_deny_does_not_stop_it()
    {
        await using var simulation = await Simulation.StartAsync(new Setup
        {
            Permissions = """{ "Statement": { "Effect": "Deny", "Action": "*", "Resource": "*" } }""",
        });

        await AskAsync(simulation, await simulation.AssumeAsync());
    }

    [Fact]
    public async Task An_expired_session_is_refused()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { MinimumSessionDuration = HalfAMinute });
        var credentials = await simulation.AssumeAsync(change: request => request.DurationSeconds = (int)HalfAMinute.TotalSeconds);
        simulation.Clock.Advance(TimeSpan.FromSeconds(31));

        await RefusedAsync(simulation, credentials, "ExpiredToken");
    }

    [Fact]
    public async Task Sessions_can_be_made_to_die_before_their_time()
    {
        await using var simulation = await Simulation.StartAsync(new Setup { Faults = """{ "expireSessionsAfterSeconds": 60 }""" });
        var credentials = await simulation.AssumeAsync();
        simulation.Clock.Advance(TimeSpan.FromSeconds(61));

        Assert.True(credentials.Expiration > simulation.Clock.GetUtcNow().UtcDateTime);
        await RefusedAsync(simulation, credentials, "ExpiredToken");
    }

    [Fact]
    public async Task An_unknown_key_is_refused()
    {
        await using var simulation = await Simulation.StartAsync();
        var credentials = await simulation.AssumeAsync();
        credentials.AccessKeyId = "ASIAAAAAAAAAAAAAAAAA";

        await RefusedAsync(simulation, credentials, "InvalidClientTokenId");
    }

    [Fact]
    public async Task Another_sessions_token_is_refused()
    {
        await using var simulation = await Simulation.StartAsync();
        var credentials = await simulation.AssumeAsync();
        credentials.SessionToken = (await simulation.AssumeAsync()).SessionToken;

        await RefusedAsync(simulation, credentials, "InvalidClientTokenId");
    }

    [Fact]
    public async Task A_wrong_secret_is_refused()
    {
        await using var simulation = await Simulation.StartAsync();
        var credentials = await simulation.AssumeAsync();
        credentials.SecretAccessKey = new string('x', 40);

        await RefusedAsync(simulation, credentials, "SignatureDoesNotMatch");
    }

    [Fact]
    public async Task An_unsigned_call_is_refused()
    {
        await using var simulation = await Simulation.StartAsync();
        using var content = new ByteArrayContent(Form);
        using var response = await simulation.Http.PostAsync("/", content, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("MissingAuthenticationToken", await CodeAsync(response));
    }

    [Fact]
    public async Task A_signature_of_another_form_is_refused()
    {
        await using var simulation = await Simulation.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, simulation.Address) { Content = new ByteArrayContent(Form) };
        request.Headers.TryAddWithoutValidation("Authorization", "AWS AKIAEXAMPLE:c2lnbmF0dXJl");
        using var response = await simulation.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("IncompleteSignature", await CodeAsync(response));
    }

    [Theory]
    [InlineData(null, 200)]
    [InlineData("&RoleArn=changed", 403)]
    public async Task The_signature_covers_the_body_also_without_a_hash_header(string? added, int status)
    {
        // Go's client signs the body and does not send x-amz-content-sha256.
        await using var simulation = await Simulation.StartAsync();
        var signer = new RequestSigner(await simulation.AssumeAsync(), "sts");
        using var request = new HttpRequestMessage(HttpMethod.Post, simulation.Address) { Content = new ByteArrayContent(Form) };
        signer.Sign(request, RequestSigner.Hash(Form), simulation.Clock.GetUtcNow());
        request.Content = new ByteArrayContent([.. Form, .. Encoding.ASCII.GetBytes(added ?? "")]);
        using var response = await simulation.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_body_that_is_not_the_one_in_the_hash_header_is_refused()
    {
        await using var simulation = await Simulation.StartAsync();
        var signer = new RequestSigner(await simulation.AssumeAsync(), "sts");
        var hash = RequestSigner.Hash("something else"u8.ToArray());
        using var request = new HttpRequestMessage(HttpMethod.Post, simulation.Address) { Content = new ByteArrayContent(Form) };
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", hash);
        signer.Sign(request, hash, simulation.Clock.GetUtcNow());
        using var response = await simulation.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal("SignatureDoesNotMatch", await CodeAsync(response));
    }

    private static async Task<GetCallerIdentityResponse> AskAsync(Simulation simulation, Credentials credentials)
    {
        using var client = simulation.Client(new SessionAWSCredentials(
            credentials.AccessKeyId, credentials.SecretAccessKey, credentials.SessionToken));
        return await client.GetCallerIdentityAsync(new GetCallerIdentityRequest(), TestContext.Current.CancellationToken);
    }

    private static async Task RefusedAsync(Simulation simulation, Credentials credentials, string code)
    {
        var refusal = await Assert.ThrowsAnyAsync<AmazonSecurityTokenServiceException>(() => AskAsync(simulation, credentials));

        Assert.Equal(code, refusal.ErrorCode);
        Assert.Equal(HttpStatusCode.Forbidden, refusal.StatusCode);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        XElement.Parse(await response.Content.ReadAsStringAsync()).Descendants().First(element => element.Name.LocalName == "Code").Value;
}
