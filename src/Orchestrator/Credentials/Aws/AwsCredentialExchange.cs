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
public sealed class AwsCredentialExchange(IOptions<AwsOptions> options)
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    /// <param name="sessionName">2 to 64 characters of <c>[\w+=,.@-]</c>; it appears in CloudTrail.</param>
    /// <returns>Keys, or why AWS gave none. Only cancellation throws.</returns>
    public async Task<(AwsSession? Session, AwsRefusal? Refusal)> ExchangeAsync(
        IdentityToken token, AwsSettings.Assume settings, string sessionName, CancellationToken cancellationToken)
    {
        using var client = new AmazonSecurityTokenServiceClient(new AnonymousAWSCredentials(), Configuration(settings.Region));
        try
        {
            var response = await client.AssumeRoleWithWebIdentityAsync(new AssumeRoleWithWebIdentityRequest
            {
                RoleArn = settings.RoleArn,
                RoleSessionName = sessionName,
                WebIdentityToken = token.Compact,
                DurationSeconds = (int)options.Value.SessionDuration.TotalSeconds,
            }, cancellationToken);
            return (Read(response), null);
        }
        catch (AmazonSecurityTokenServiceException refused)
        {
            var code = refused.ErrorCode is { Length: > 0 } named ? named : refused.GetType().Name.Replace("Exception", "", StringComparison.Ordinal);
            return (null, new AwsRefusal(code, AwsAdvice.For(code, refused.Message, settings, token), refused.RequestId));
        }
        catch (Exception unreachable) when (IsUnreachable(unreachable, cancellationToken))
        {
            return (null, new AwsRefusal("Unreachable", AwsAdvice.Unreachable(EndpointOf(settings.Region), unreachable), null));
        }
    }

    private static bool IsUnreachable(Exception error, CancellationToken cancellationToken) => error
        is HttpRequestException or AmazonClientException or IOException
        || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static AwsSession Read(AssumeRoleWithWebIdentityResponse response) => new(
        response.Credentials.AccessKeyId,
        response.Credentials.SecretAccessKey,
        response.Credentials.SessionToken,
        new DateTimeOffset(DateTime.SpecifyKind(response.Credentials.Expiration!.Value, DateTimeKind.Utc)),
        response.AssumedRoleUser.Arn,
        response.ResponseMetadata?.RequestId);

    private AmazonSecurityTokenServiceConfig Configuration(string? region)
    {
        var configuration = new AmazonSecurityTokenServiceConfig { Timeout = CallTimeout, UseHttp = false };
        if (options.Value.StsEndpoint is { Length: > 0 } endpoint)
        {
            configuration.ServiceURL = endpoint;
            configuration.AuthenticationRegion = region ?? options.Value.DefaultRegion;
        }
        else
        {
            configuration.RegionEndpoint = RegionEndpoint.GetBySystemName(region ?? options.Value.DefaultRegion);
        }
        return configuration;
    }

    private string EndpointOf(string? region) => options.Value.StsEndpoint is { Length: > 0 } endpoint
        ? endpoint
        : $"https://sts.{region ?? options.Value.DefaultRegion}.amazonaws.com";
}
