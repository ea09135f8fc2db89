using Microsoft.Extensions.Options;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials.Aws;

/// <summary>AWS: a session of a role for each configuration, delivered as the workspace wants it.</summary>
public sealed class AwsCloud(
    AwsCredentialExchange exchange, AwsClock awsClock, ICredentialEndpoint endpoint, IEnumerable<ITrustPolicies> trusts, IOptions<AwsOptions> options,
    IOptions<IssuerOptions> issuer, TimeProvider clock) : ICloud
{
    public const string Name = "aws";

    // What terraform may still need when the phase's time is up: it is interrupted then, and saves its state.
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    public CloudVocabulary Vocabulary => AwsVocabulary.Instance;

    public string? Objection(EffectiveCredentialPolicy policy, CloudConfiguration configuration, bool isPlan)
    {
        var role = configuration.Of(AwsVocabulary.Role);
        if (!policy.Allows(configuration.Need(AwsVocabulary.Role)))
        {
            return $"This workspace may not assume {role.Shown} (from the variable {role.Variable}): it is not among the roles that "
                + "its credential policies allow. Choose an allowed role, or ask an owner to add this one to the policy.";
        }
        return isPlan && policy is { ReadOnlyPlan: true, Delivery: CredentialDelivery.WebIdentityFile }
            ? "The plan is to have read-only credentials, and they are to be delivered as a web identity file, with which terraform would assume "
                + "the whole role by itself. Choose another delivery in the workspace's credential policy, or give the plan a role that only reads."
            : null;
    }

    public async Task<CloudDelivery> DeliverAsync(
        CloudPhase phase, IReadOnlyList<CloudConfiguration> configurations, CancellationToken cancellationToken)
    {
        Check(phase, configurations);
        // Further configurations reach their providers by files, and values in the environment would come before any file.
        var asValues = phase.Policy.Delivery == CredentialDelivery.Environment && configurations is [{ Tag: null }];
        var duration = asValues ? DurationFor(phase) : options.Value.RenewedSessionDuration;
        AwsLease[] leases = [.. configurations.Select(configuration => LeaseOf(phase, configuration, duration))];
        try
        {
            var sessions = await Task.WhenAll(leases.Select(lease => lease.GetAsync(cancellationToken)));
            if (awsClock.Warning is { } warning)
            {
                await phase.Warn(warning);
            }

            var common = Common(phase);
            return phase.Policy.Delivery switch
            {
                CredentialDelivery.WebIdentityFile => await AwsTokenFiles.DeliverAsync(phase, leases, common, clock, cancellationToken),
                _ when asValues => new CloudDelivery(close: () => AwsLease.EndAsync(leases)) { Environment = Values(sessions[0], common) },
                _ => await AwsEndpointFiles.DeliverAsync(phase, leases, endpoint, common, cancellationToken),
            };
        }
        catch
        {
            await AwsLease.EndAsync(leases);
            throw;
        }
    }

    public async Task<CloudProof> ProveAsync(CloudPhase phase, CloudConfiguration configuration, CancellationToken cancellationToken)
    {
        using var lease = LeaseOf(phase, configuration, Shortest);
        try
        {
            Check(phase, [configuration]);
            var session = await lease.GetAsync(cancellationToken);
            var (principal, problem) = await exchange.AskWhoAsync(session, lease.Request.Region, cancellationToken);
            return new CloudProof(lease.Tell(principal), problem, []);
        }
        catch (CredentialsRefusedException refused)
        {
            var policy = trusts.FirstOrDefault()?.Find(lease.Request.RoleArn);
            return new CloudProof(Principal: null, refused.Message, policy is null ? [] : AwsTrustWords.Explain(lease, policy, issuer.Value.Issuer, clock));
        }
    }

    private void Check(CloudPhase phase, IReadOnlyList<CloudConfiguration> configurations)
    {
        if (configurations.Select(configuration => Objection(phase.Policy, configuration, phase.IsPlan)).OfType<string>().FirstOrDefault() is { } objection)
        {
            throw new CredentialsRefusedException(objection);
        }
    }

    private AwsLease LeaseOf(CloudPhase phase, CloudConfiguration configuration, TimeSpan duration)
    {
        var role = configuration.Of(AwsVocabulary.Role);
        return new AwsLease(phase, configuration, new AwsRoleRequest(
            role.Value!, role.Variable!, Region(phase), phase.SessionName, duration,
            ReadOnly: phase.IsPlan && phase.Policy.ReadOnlyPlan), exchange, clock);
    }

    private TimeSpan DurationFor(CloudPhase phase)
    {
        var wanted = options.Value.SessionDuration ?? phase.TimeLimit + Reserve;
        // A shorter one is only ever set for a simulator that allows it.
        return options.Value.SessionDuration is null && wanted < Shortest ? Shortest : wanted > Longest ? Longest : wanted;
    }

    private static string? Region(CloudPhase phase) => phase.Variable("AWS_REGION") ?? phase.Variable("AWS_DEFAULT_REGION");

    private Dictionary<string, string> Common(CloudPhase phase)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["AWS_REGION"] = Region(phase) ?? options.Value.DefaultRegion,
        };
        if (options.Value.StsEndpoint is { Length: > 0 } sts)
        {
            environment["AWS_ENDPOINT_URL_STS"] = sts;
        }
        if (options.Value.S3Endpoint is { Length: > 0 } s3)
        {
            environment["AWS_ENDPOINT_URL_S3"] = s3;
        }
        return environment;
    }

    private static Dictionary<string, string> Values(AwsSession session, Dictionary<string, string> common) => new(common)
    {
        ["AWS_ACCESS_KEY_ID"] = session.AccessKeyId,
        ["AWS_SECRET_ACCESS_KEY"] = session.SecretAccessKey,
        ["AWS_SESSION_TOKEN"] = session.SessionToken,
    };
}
