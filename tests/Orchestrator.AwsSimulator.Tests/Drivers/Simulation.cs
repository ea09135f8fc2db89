using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Configuration;

namespace Orchestrator.AwsSimulator.Tests.Drivers;

/// <summary>A simulator with an issuer, and AWS's own client to talk to it.</summary>
internal sealed class Simulation : IAsyncDisposable
{
    public const string RoleArn = $"arn:aws:iam::{Setup.AccountId}:role/deploy";

    private readonly AwsSimulatorServer _server;
    private readonly LoggedErrors _errors;

    private Simulation(AwsSimulatorServer server, TestIssuer issuer, FakeTimeProvider clock, LoggedErrors errors)
    {
        (_server, Issuer, Clock, _errors) = (server, issuer, clock, errors);
        Http = new HttpClient { BaseAddress = server.Address };
        Sts = Client(new AnonymousAWSCredentials());
    }

    /// <summary>Starts at the real time, because AWS's clients sign with theirs.</summary>
    public FakeTimeProvider Clock { get; }

    public TestIssuer Issuer { get; }

    public Uri Address => _server.Address;

    public ActivityLog Activity => _server.Activity;

    public HttpClient Http { get; }

    public IAmazonSecurityTokenService Sts { get; }

    public Explanation LastExplanation => Activity.Explanations[^1];

    public static async Task<Simulation> StartAsync(Setup? setup = null)
    {
        setup ??= new Setup();
        return await StartAsync(
            setup,
            issuer => SimulatorConfiguration.Parse(setup.Json, issuer.Url));
    }

    public static async Task<Simulation> StartAsync(Setup setup, Func<TestIssuer, SimulatorConfiguration> configuration)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var issuer = await TestIssuer.StartAsync(clock);
        var errors = new LoggedErrors();
        var server = AwsSimulatorServer.Build(new AwsSimulatorOptions
        {
            Configuration = configuration(issuer),
            Urls = [setup.Certificate is null ? "http://127.0.0.1:0" : "https://127.0.0.1:0"],
            TimeProvider = clock,
            MinimumSessionDuration = setup.MinimumSessionDuration,
            IssuerTimeout = setup.IssuerTimeout,
            MaxObjectBytes = setup.MaxObjectBytes,
            ServerCertificate = setup.Certificate,
            ConfigureLogging = logging => logging.AddProvider(errors),
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        return new Simulation(server, issuer, clock, errors);
    }

    public IAmazonSecurityTokenService Client(AWSCredentials credentials) =>
        new AmazonSecurityTokenServiceClient(credentials, new AmazonSecurityTokenServiceConfig
        {
            ServiceURL = Address.ToString(),
            AuthenticationRegion = "eu-central-1",
            MaxErrorRetry = 0,
            Timeout = TimeSpan.FromSeconds(20),
        });

    public async Task<Credentials> AssumeAsync(TestToken? token = null, Action<AssumeRoleWithWebIdentityRequest>? change = null) =>
        (await ExchangeAsync((token ?? Issuer.Token()).ToString(), change)).Credentials;

    public Task<AssumeRoleWithWebIdentityResponse> ExchangeAsync(
        string token, Action<AssumeRoleWithWebIdentityRequest>? change = null)
    {
        var request = new AssumeRoleWithWebIdentityRequest
        {
            RoleArn = RoleArn,
            RoleSessionName = "run-1-plan",
            WebIdentityToken = token,
        };
        change?.Invoke(request);
        return Sts.AssumeRoleWithWebIdentityAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Expects the exchange to fail and returns how.</summary>
    public Task<AmazonSecurityTokenServiceException> RefusedAsync(
        TestToken? token = null, Action<AssumeRoleWithWebIdentityRequest>? change = null) =>
        RefusedAsync((token ?? Issuer.Token()).ToString(), change);

    public Task<AmazonSecurityTokenServiceException> RefusedAsync(
        string token, Action<AssumeRoleWithWebIdentityRequest>? change = null) =>
        Assert.ThrowsAnyAsync<AmazonSecurityTokenServiceException>(() => ExchangeAsync(token, change));

    public async Task<S3Client> S3Async(TestToken? token = null, Action<AssumeRoleWithWebIdentityRequest>? change = null) =>
        new(Address, await AssumeAsync(token, change), Clock);

    public async ValueTask DisposeAsync()
    {
        Sts.Dispose();
        Http.Dispose();
        await _server.DisposeAsync();
        await Issuer.DisposeAsync();
        Assert.Empty(_errors.Messages);
    }
}
