using Orchestrator.Data;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials;

/// <summary>The phase of a run that credentials are for: who it is, what it may have, and where its files go.</summary>
public sealed class CloudPhase(TokenIssuer issuer, CredentialLedger ledger, TimeProvider clock)
{
    internal const string SpeculativeSuffix = ".speculative";

    public required RunIdentity Identity { get; init; }

    public required EffectiveCredentialPolicy Policy { get; init; }

    /// <summary>There is no run: somebody wants to know whether one would get credentials.</summary>
    public bool IsTrial { get; init; }

    /// <summary>Nobody can apply its plan.</summary>
    public bool IsSpeculative { get; init; }

    public bool IsPlan => Identity.Phase == "plan";

    /// <summary>Who confirmed the apply, or else who started the run.</summary>
    public required string Responsible { get; init; }

    /// <summary>The phase is stopped after this time.</summary>
    public required TimeSpan TimeLimit { get; init; }

    /// <summary>A private directory that terraform can read; the same path in plan and apply, because a plan may name it.</summary>
    public required string Directory { get; init; }

    /// <summary>The workspace's environment variables.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Notes that a value is a secret of this phase, and hands it back.</summary>
    public required Func<string, string> Secret { get; init; }

    /// <summary>Tells the run's readers something that does not stop it.</summary>
    public Func<string, Task> Warn { get; init; } = _ => Task.CompletedTask;

    /// <summary>Appears in the cloud's own records.</summary>
    public string SessionName => IsTrial ? $"trial-{Identity.WorkspaceId}-{Identity.Phase}" : $"{Identity.RunId}-{Identity.Phase}";

    public string? Variable(string name) =>
        Environment.TryGetValue(name, out var value) && value.Trim() is { Length: > 0 } trimmed ? trimmed : null;

    /// <summary>Mints a token, and begins its entry in the ledger.</summary>
    public async Task<(IdentityToken Token, CredentialGrant Entry)> MintAsync(
        string provider, string? tag, string audience, CancellationToken cancellationToken,
        TimeSpan? lifetime = null, IReadOnlyDictionary<string, object>? claims = null)
    {
        var started = clock.GetTimestamp();
        using var span = Tracing.Start("token");
        span?.SetTag("orchestrator.cloud", provider);
        var token = await issuer.MintAsync(Identity, AudienceOf(audience), cancellationToken, lifetime, claims);
        Secret(token.Compact);
        return (token, new CredentialGrant
        {
            Id = Identifier.New<CredentialGrantId>(),
            OrganizationId = Identity.OrganizationId,
            WorkspaceId = Identity.WorkspaceId,
            RunId = IsTrial ? null : Identity.RunId,
            Phase = Identity.Phase,
            Provider = provider,
            Tag = tag,
            CreatedAt = clock.GetUtcNow(),
            TokenId = token.Id,
            Subject = token.Subject,
            Audience = token.Audience,
            TokenIssuedAt = token.IssuedAt,
            TokenExpiresAt = token.ExpiresAt,
            TokenMilliseconds = (int)clock.GetElapsedTime(started).TotalMilliseconds,
        });
    }

    /// <summary>Mints a token for a configuration.</summary>
    /// <param name="identity">Who one is to become with it; null when the token alone says who one is.</param>
    public async Task<(IdentityToken Token, CredentialGrant Entry)> MintAsync(
        string provider, CloudConfiguration configuration, string audience, ChosenSetting? identity, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var (token, entry) = await MintAsync(provider, configuration.Tag, audience, cancellationToken, lifetime);
        entry.Role = identity?.Shown;
        return (token, entry);
    }

    /// <summary>The audience that a configuration's tokens really get.</summary>
    public string AudienceOf(string audience) =>
        IsSpeculative && Policy.Speculative == SpeculativeCredentials.SeparateAudience ? audience + SpeculativeSuffix : audience;

    /// <summary>For a cloud whose sessions cannot be narrowed: a plan that can only read needs an identity of its own.</summary>
    /// <param name="identity">What says who one is; null when the token's subject does.</param>
    /// <exception cref="CredentialsRefusedException">The plan would be whoever the apply is.</exception>
    public void CheckReadOnly(ChosenSetting? identity)
    {
        if (!IsPlan || !Policy.ReadOnlyPlan)
        {
            return;
        }
        if (identity is null ? !Policy.Subject.TellsPhases : identity.Variable?.Contains($"_PLAN_{identity.Setting.Name}", StringComparison.Ordinal) != true)
        {
            throw new CredentialsRefusedException("The plan is to have read-only credentials, and " + (identity is null
                ? "its token's subject is the apply's, too. Put {run_phase} into the organisation's subject template, or change the credential policy."
                : $"the {identity.Setting.What} {identity.Value} (from the variable {identity.Variable}) is the apply's, too. Set "
                    + $"{identity.Candidates[0].Variable} to a {identity.Setting.What} that can only read, or change the credential policy."));
        }
    }

    public Task RecordAsync(CredentialGrant entry, CancellationToken cancellationToken) => ledger.RecordAsync(entry, cancellationToken);

    /// <summary>A file that only this user reads, and the run's where it has one of its own (it is the directory's group), under a name that is
    /// there whole or not at all.</summary>
    public async Task<string> WriteFileAsync(string name, string content, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Directory, name);
        var directory = Path.GetDirectoryName(path)!;
        if (!System.IO.Directory.Exists(directory))
        {
            DataDirectory.Create(directory);
            File.SetUnixFileMode(directory, File.GetUnixFileMode(directory) | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        }
        await WholeFile.WriteAsync(
            path, System.Text.Encoding.UTF8.GetBytes(content), cancellationToken,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, toDisk: false);
        return path;
    }
}
