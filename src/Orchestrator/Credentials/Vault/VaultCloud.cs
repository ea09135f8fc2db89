using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Data;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials.Vault;

/// <summary>Vault: this server logs in with the token, and the phase gets what Vault gives for it.</summary>
public sealed class VaultCloud(TimeProvider clock) : ICloud
{
    public const string Name = "vault";

    /// <summary>The provider would make a token of its own from the given one, which nobody renews.</summary>
    private const string NoChildToken = "TERRAFORM_VAULT_SKIP_CHILD_TOKEN";

    public CloudVocabulary Vocabulary => VaultVocabulary.Instance;

    public async Task<CloudDelivery> DeliverAsync(
        CloudPhase phase, IReadOnlyList<CloudConfiguration> configurations, CancellationToken cancellationToken)
    {
        var sessions = new List<VaultSession>();
        try
        {
            foreach (var configuration in configurations)
            {
                phase.CheckReadOnly(configuration.Of(VaultVocabulary.Role));
                sessions.Add(await LogInAsync(phase, configuration, cancellationToken));
            }
            return new CloudDelivery(
                upkeep: over => Task.WhenAll(sessions.Select(session => session.RenewAsync(over))),
                close: () => EndAsync(sessions))
            {
                Environment = await WriteAsync(phase, sessions, cancellationToken),
            }.Begin();
        }
        catch
        {
            await EndAsync(sessions);
            throw;
        }
    }

    private async Task<VaultSession> LogInAsync(CloudPhase phase, CloudConfiguration configuration, CancellationToken cancellationToken)
    {
        var client = new VaultClient(
            new Uri(configuration.Need(VaultVocabulary.Address)),
            configuration[VaultVocabulary.Namespace],
            AuthorityOf(configuration)?.Certificates,
            TimeSpan.FromSeconds(int.Parse(configuration.Need(VaultVocabulary.ClientTimeout), CultureInfo.InvariantCulture)),
            clock);
        VaultSession? session = null;
        try
        {
            var role = configuration.Need(VaultVocabulary.Role);
            var (token, entry) = await phase.MintAsync(
                Name, configuration, configuration.Need(VaultVocabulary.Audience), configuration.Of(VaultVocabulary.Role), TokenIssuer.Lifetime, cancellationToken);
            var started = clock.GetTimestamp();
            using var span = Tracing.Start("exchange", ActivityKind.Client);
            span?.SetTag("orchestrator.cloud", Name);
            var answer = await client.PostAsync(
                $"auth/{configuration[VaultVocabulary.AuthPath]}/login", token: null,
                new Dictionary<string, string> { ["role"] = role, ["jwt"] = token.Compact }, cancellationToken);
            if (answer is { Succeeded: true, Grant: { } grant })
            {
                phase.Secret(grant.Token);
                session = new VaultSession(configuration, client, grant, clock);
                entry.Principal = grant.Entity;
                entry.ExpiresAt = session.ExpiresAt;
            }
            else
            {
                entry.ErrorCode = VaultAdvice.CodeOf(answer);
                span.Fail("refused");
            }
            entry.RequestId = answer.RequestId;
            entry.ExchangeMilliseconds = (int)clock.GetElapsedTime(started).TotalMilliseconds;
            await phase.RecordAsync(entry, cancellationToken);
            return session ?? throw new CredentialsRefusedException(VaultAdvice.For(answer, configuration, token));
        }
        catch
        {
            if (session is not null)
            {
                await session.RevokeAsync();
            }
            client.Dispose();
            throw;
        }
    }

    private static async Task<IReadOnlyDictionary<string, string>> WriteAsync(
        CloudPhase phase, IReadOnlyList<VaultSession> sessions, CancellationToken cancellationToken)
    {
        var files = new Dictionary<CloudConfiguration, Dictionary<string, string>>();
        foreach (var session in sessions)
        {
            var configuration = session.Configuration;
            files[configuration] = new()
            {
                ["token_filename"] = await phase.WriteFileAsync($"vault/{configuration.Label}.token", session.Token, cancellationToken),
                ["address"] = configuration.Need(VaultVocabulary.Address),
                ["namespace"] = configuration[VaultVocabulary.Namespace] ?? "",
                ["ca_cert_file"] = AuthorityOf(configuration) is { } authority
                    ? await phase.WriteFileAsync($"vault/{configuration.Label}.ca.pem", authority.Pem, cancellationToken)
                    : "",
            };
        }
        var variable = CredentialsVariable.Of(Name, [.. files.Keys], configuration => files[configuration]);
        var environment = new Dictionary<string, string>
        {
            [variable.Name] = variable.Value,
            [NoChildToken] = phase.Variable(NoChildToken) ?? "true",
        };
        // A provider that is told by the variable must find nothing of another Vault in the environment.
        if (sessions is [{ Configuration: { Tag: null } only, Token: var token }])
        {
            environment["VAULT_TOKEN"] = token;
            environment["VAULT_ADDR"] = files[only]["address"];
            foreach (var (name, field) in new[] { ("VAULT_NAMESPACE", "namespace"), ("VAULT_CACERT", "ca_cert_file") })
            {
                if (files[only][field] is { Length: > 0 } value)
                {
                    environment[name] = value;
                }
            }
        }
        return environment;
    }

    private static async ValueTask<string?> EndAsync(IReadOnlyList<VaultSession> sessions)
    {
        var left = await Task.WhenAll(sessions.Select(session => session.RevokeAsync()));
        foreach (var session in sessions)
        {
            session.Dispose();
        }
        return left.OfType<string>().ToArray() is { Length: > 0 } some ? string.Join('\n', some) : null;
    }

    private static (X509Certificate2Collection Certificates, string Pem)? AuthorityOf(CloudConfiguration configuration) =>
        configuration[VaultVocabulary.EncodedAuthority] is { } encoded ? VaultVocabulary.AuthorityOf(encoded) : null;
}
