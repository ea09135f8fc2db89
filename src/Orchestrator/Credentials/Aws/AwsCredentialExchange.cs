using System.Collections.Concurrent;
using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.SecurityToken;
using Amazon.SecurityToken.Model;
using Microsoft.Extensions.Options;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials.Aws;

/// <summary>Trades a run's identity token for temporary AWS keys.</summary>
/// <remarks>AWS STS <c>AssumeRoleWithWebIdentity</c>, API version 2011-06-15. The call is not signed: the token is the proof.</remarks>
public sealed class AwsCredentialExchange(IOptions<AwsOptions> options, AwsClock awsClock, TimeProvider clock) : IDisposable
{
    private const int Attempts = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(400);

    /// <summary>What AWS gives for every role, unless somebody set its maximum higher.</summary>
    private static readonly TimeSpan AlwaysAllowed = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, AmazonSecurityTokenServiceClient> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _onlyAnHour = new(StringComparer.Ordinal);

    /// <returns>Keys, or why AWS gave none. Only cancellation throws.</returns>
    public async Task<(AwsSession? Session, AwsRefusal? Refusal)> ExchangeAsync(
        IdentityToken token, AwsRoleRequest request, CancellationToken cancellationToken)
    {
        var client = _clients.GetOrAdd(request.Region ?? options.Value.DefaultRegion, Connect);
        for (var attempt = 1; ; attempt++)
        {
            var asksForMore = request.Duration > AlwaysAllowed && !_onlyAnHour.ContainsKey(request.RoleArn);
            try
            {
                return (Read(await InTimeAsync(limited => client.AssumeRoleWithWebIdentityAsync(Write(token, request, asksForMore), limited), cancellationToken)), null);
            }
            catch (AmazonSecurityTokenServiceException refused) when (asksForMore && IsAboutDuration(refused))
            {
                // The role's maximum is not known beforehand; it is not asked for twice.
                _onlyAnHour[request.RoleArn] = true;
            }
            catch (AmazonSecurityTokenServiceException refused) when (attempt >= Attempts || !IsPassing(refused))
            {
                var code = CodeOf(refused);
                var advice = AwsAdvice.For(code, refused.Message, request, token);
                return (null, new AwsRefusal(code, awsClock.Warning is { } warning ? $"{advice}\n{warning}" : advice, refused.RequestId));
            }
            catch (Exception unreachable) when (attempt >= Attempts && IsUnreachable(unreachable, cancellationToken))
            {
                return (null, new AwsRefusal("Unreachable", AwsAdvice.Unreachable(EndpointOf(request.Region), unreachable), null));
            }
            catch (Exception passing) when (passing is AmazonSecurityTokenServiceException || IsUnreachable(passing, cancellationToken))
            {
                await Task.Delay(PauseAfter(attempt), clock, cancellationToken);
            }
        }
    }

    /// <summary>Asks AWS who one is with these keys. Needs no permission.</summary>
    /// <returns>An ARN, or what AWS said instead.</returns>
    public async Task<(string? Principal, string? Problem)> AskWhoAsync(AwsSession session, string? region, CancellationToken cancellationToken)
    {
        using var client = new AmazonSecurityTokenServiceClient(
            new SessionAWSCredentials(session.AccessKeyId, session.SecretAccessKey, session.SessionToken),
            Configuration(region ?? options.Value.DefaultRegion));
        try
        {
            return ((await InTimeAsync(limited => client.GetCallerIdentityAsync(new GetCallerIdentityRequest(), limited), cancellationToken)).Arn, null);
        }
        catch (AmazonSecurityTokenServiceException refused)
        {
            return (null, AwsAdvice.ForKeys(CodeOf(refused), refused.Message, session));
        }
        catch (Exception unreachable) when (IsUnreachable(unreachable, cancellationToken))
        {
            return (null, AwsAdvice.Unreachable(EndpointOf(region), unreachable));
        }
    }

    /// <summary>Any answer tells the time; this asks for one that needs no credentials.</summary>
    public async Task AskTheTimeAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new AwsClock.Observer(awsClock, new SocketsHttpHandler { AllowAutoRedirect = false })) { Timeout = options.Value.CallTimeout };
        try
        {
            using var answer = await http.GetAsync(new Uri(EndpointOf(null)), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception unreachable) when (IsUnreachable(unreachable, cancellationToken))
        {
            // Runs will say so.
        }
    }

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    /// <summary>The SDK's own time limit does not hold with a transport of one's own.</summary>
    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Value.CallTimeout);
        try
        {
            return await call(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"it did not answer within {options.Value.CallTimeout.TotalSeconds} seconds.");
        }
    }

    private static AssumeRoleWithWebIdentityRequest Write(IdentityToken token, AwsRoleRequest request, bool asksForMore) => new()
    {
        RoleArn = request.RoleArn,
        RoleSessionName = request.SessionName,
        WebIdentityToken = token.Compact,
        DurationSeconds = (int)(request.Duration > AlwaysAllowed && !asksForMore ? AlwaysAllowed : request.Duration).TotalSeconds,
        PolicyArns = request.ReadOnly
            ? [new PolicyDescriptorType { Arn = $"arn:{request.Partition}:iam::aws:policy/ReadOnlyAccess" }]
            : null,
    };

    /// <summary>Twice as long each time, and never the same for two that failed together.</summary>
    private static TimeSpan PauseAfter(int attempt) => FirstPause * Math.Pow(2, attempt - 1) * (0.5 + Random.Shared.NextDouble());

    private static bool IsAboutDuration(AmazonSecurityTokenServiceException refused) =>
        CodeOf(refused) is "ValidationError" && refused.Message.Contains("DurationSeconds", StringComparison.Ordinal);

    /// <summary>True when the same question may be answered another way in a moment. A trust policy's no stays a no.</summary>
    private static bool IsPassing(AmazonSecurityTokenServiceException refused) => CodeOf(refused) switch
    {
        // AWS has this trouble with every issuer now and then.
        "InvalidIdentityToken" or "InvalidIdentityTokenException" => refused.Message.Contains("verification key", StringComparison.OrdinalIgnoreCase),
        "IDPCommunicationError" or "IDPCommunicationErrorException" => true,
        "Throttling" or "ThrottlingException" or "RequestLimitExceeded" => true,
        _ => refused.StatusCode >= HttpStatusCode.InternalServerError,
    };

    private static bool IsUnreachable(Exception error, CancellationToken cancellationToken) => error
        is HttpRequestException or AmazonClientException or IOException or TimeoutException
        || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static string CodeOf(AmazonSecurityTokenServiceException refused) => refused.ErrorCode is { Length: > 0 } named
        ? named
        : refused.GetType().Name.Replace("Exception", "", StringComparison.Ordinal);

    private static AwsSession Read(AssumeRoleWithWebIdentityResponse response) => new(
        response.Credentials.AccessKeyId,
        response.Credentials.SecretAccessKey,
        response.Credentials.SessionToken,
        new DateTimeOffset(DateTime.SpecifyKind(response.Credentials.Expiration!.Value, DateTimeKind.Utc)),
        response.AssumedRoleUser.Arn,
        response.ResponseMetadata?.RequestId);

    private AmazonSecurityTokenServiceClient Connect(string region) => new(new AnonymousAWSCredentials(), Configuration(region));

    private AmazonSecurityTokenServiceConfig Configuration(string region)
    {
        // How often to ask again is decided here, and not by the SDK, which also repeats what cannot change.
        var configuration = new AmazonSecurityTokenServiceConfig { UseHttp = false, MaxErrorRetry = 0, HttpClientFactory = new ObservedHttp(awsClock) };
        if (options.Value.StsEndpoint is { Length: > 0 } endpoint)
        {
            configuration.ServiceURL = endpoint;
            configuration.AuthenticationRegion = region;
        }
        else
        {
            configuration.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }
        return configuration;
    }

    private sealed class ObservedHttp(AwsClock clock) : Amazon.Runtime.HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
            new(new AwsClock.Observer(clock, new SocketsHttpHandler { AllowAutoRedirect = false }));
    }

    private string EndpointOf(string? region) => options.Value.StsEndpoint is { Length: > 0 } endpoint
        ? endpoint
        : $"https://sts.{region ?? options.Value.DefaultRegion}.amazonaws.com";
}
