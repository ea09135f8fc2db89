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

    /// <summary>The audience that a configuration's tokens really get.</summary>
    public string AudienceOf(string audience) =>
        IsSpeculative && Policy.Speculative == SpeculativeCredentials.SeparateAudience ? audience + SpeculativeSuffix : audience;

    public Task RecordAsync(CredentialGrant entry, CancellationToken cancellationToken) => ledger.RecordAsync(entry, cancellationToken);

    /// <summary>A file that only this user reads, under a name that is there whole or not at all.</summary>
    public async Task<string> WriteFileAsync(string name, string content, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Directory, name);
        DataDirectory.Create(Path.GetDirectoryName(path)!);
        var next = path + ".next";
        await using (var file = new FileStream(next, new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        }))
        {
            await file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(content), cancellationToken);
        }
        File.Move(next, path, overwrite: true);
        return path;
    }
}
