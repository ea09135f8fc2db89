using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Orchestrator.Credentials;
using Orchestrator.Credentials.Aws;
using Orchestrator.Data;
using Orchestrator.Variables;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Runs;

/// <summary>Steps 5 and 6 of a run: a signed token for this phase, and the temporary credentials it is traded for. Both stay in
/// memory; what is stored says who was who, and never the secrets.</summary>
public sealed class PhaseCredentials(
    TokenIssuer issuer, AwsCredentialExchange aws, IOptions<AwsOptions> awsOptions,
    IDbContextFactory<OrchestratorDbContext> databases, TimeProvider clock)
{
    /// <exception cref="PhaseFailedException">Credentials are asked for, and there are none to be had.</exception>
    public async Task ObtainAsync(PhaseScope scope, CancellationToken cancellationToken)
    {
        var environment = scope.Variables
            .Where(variable => variable.Category == VariableCategory.Env)
            .ToDictionary(variable => variable.Key, variable => variable.Value, StringComparer.Ordinal);
        switch (AwsSettingsReader.Read(environment, scope.Claim.PhaseName))
        {
            case AwsSettings.Misconfigured problem:
                throw new PhaseFailedException(problem.Message);
            case AwsSettings.Assume settings:
                var token = await scope.StepAsync("token", () => MintAsync(scope, settings, cancellationToken));
                scope.CloudEnvironment = await scope.StepAsync("credentials", () => AssumeAsync(scope, settings, token, cancellationToken));
                break;
        }
    }

    private async Task<IdentityToken> MintAsync(PhaseScope scope, AwsSettings.Assume settings, CancellationToken cancellationToken)
    {
        var token = await issuer.MintAsync(scope.Claim.Identity, settings.Audience, cancellationToken);
        scope.Mint(token.Compact);
        return token;
    }

    private async Task<IReadOnlyDictionary<string, string>> AssumeAsync(
        PhaseScope scope, AwsSettings.Assume settings, IdentityToken token, CancellationToken cancellationToken)
    {
        var sessionName = $"{scope.Claim.Run.Id}-{scope.Claim.PhaseName}";
        var started = clock.GetTimestamp();
        var (session, refusal) = await aws.ExchangeAsync(token, settings, sessionName, cancellationToken);
        await RecordAsync(new CredentialGrant
        {
            Id = Identifier.New<CredentialGrantId>(),
            RunId = scope.Claim.Run.Id,
            Phase = scope.Claim.PhaseName,
            Provider = "aws",
            TokenId = token.Id,
            Subject = token.Subject,
            Audience = token.Audience,
            TokenIssuedAt = token.IssuedAt,
            TokenExpiresAt = token.ExpiresAt,
            Role = settings.RoleArn,
            SessionName = sessionName,
            Principal = session?.Principal,
            AccessKeyId = session?.AccessKeyId,
            ExpiresAt = session?.ExpiresAt,
            RequestId = session?.RequestId ?? refusal?.RequestId,
            ErrorCode = refusal?.Code,
            DurationMilliseconds = (int)clock.GetElapsedTime(started).TotalMilliseconds,
        }, cancellationToken);
        if (session is null)
        {
            throw new PhaseFailedException(refusal!.Advice);
        }
        return Inject(scope, session, settings);
    }

    private Dictionary<string, string> Inject(PhaseScope scope, AwsSession session, AwsSettings.Assume settings)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_ACCESS_KEY_ID"] = session.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = scope.Mint(session.SecretAccessKey),
            ["AWS_SESSION_TOKEN"] = scope.Mint(session.SessionToken),
            ["AWS_REGION"] = settings.Region ?? awsOptions.Value.DefaultRegion,
        };
        if (awsOptions.Value.StsEndpoint is { Length: > 0 } sts)
        {
            environment["AWS_ENDPOINT_URL_STS"] = sts;
        }
        if (awsOptions.Value.S3Endpoint is { Length: > 0 } s3)
        {
            environment["AWS_ENDPOINT_URL_S3"] = s3;
        }
        return environment;
    }

    private async Task RecordAsync(CredentialGrant grant, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        db.CredentialGrants.Add(grant);
        await db.SaveChangesAsync(cancellationToken);
    }
}
