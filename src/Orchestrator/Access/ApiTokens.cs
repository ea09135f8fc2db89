using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>A new token.</summary>
public sealed class IssuedToken(ApiToken token, string text)
{
    public ApiToken Token => token;

    /// <summary>The token itself, which nobody will see again.</summary>
    public string Text => text;
}

/// <summary>A token that is alive.</summary>
public sealed record KnownToken(ApiTokenId Id, Principal Principal, DateTimeOffset? ExpiredAt);

/// <summary>Whose a new token shall be, and what about it.</summary>
/// <param name="ExpiredAt">Null: it does not expire.</param>
public sealed record TokenRequest(Actor CreatedBy, string? Description = null, DateTimeOffset? ExpiredAt = null);

/// <summary>Issues the tokens of people, teams and organisations, recognises them, and takes them back.</summary>
public sealed class ApiTokens(IDbContextFactory<OrchestratorDbContext> databases, AccessCache cache, TimeProvider clock)
{
    /// <summary>How exact <see cref="ApiToken.LastUsedAt"/> is: a busy token costs one write in this time.</summary>
    public static readonly TimeSpan LastUsePrecision = LastUse.Precision;

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private const string Middle = ".atlasv1.";
    private const int NameLength = 14;
    private const int SecretLength = 67;

    /// <summary>14 letters and digits, <c>.atlasv1.</c>, and 67 more: a form that scanners for lost secrets know.</summary>
    public static bool LooksLikeOne(string text) =>
        text.Length == NameLength + Middle.Length + SecretLength && text.AsSpan(NameLength).StartsWith(Middle, StringComparison.Ordinal);

    public Task<IssuedToken> IssueAsync(UserId user, TokenRequest request, CancellationToken cancellationToken) =>
        IssueAsync(user, null, null, request, replaced: null, cancellationToken);

    /// <summary>A token without a description replaces the one that the team has had without one.</summary>
    public Task<IssuedToken> IssueAsync(TeamId team, TokenRequest request, CancellationToken cancellationToken) => IssueAsync(
        null, team, null, request,
        request.Description is null ? token => token.Where(row => row.TeamId == team && row.Description == null) : null,
        cancellationToken);

    /// <summary>Replaces the one that the organisation has had.</summary>
    public Task<IssuedToken> IssueAsync(OrganizationId organization, TokenRequest request, CancellationToken cancellationToken) => IssueAsync(
        null, null, organization, request, token => token.Where(row => row.OrganizationId == organization), cancellationToken);

    /// <returns>Null for a token that was never issued, has expired, or was revoked, as all are whose owner is gone; and for one whose owner's
    /// account is disabled.</returns>
    public async ValueTask<KnownToken?> FindAsync(string text, CancellationToken cancellationToken)
    {
        if (!LooksLikeOne(text))
        {
            return null;
        }
        var hash = TokenHash.Of(text);
        var found = await cache.GetAsync($"token:{hash}", token => LoadAsync(hash, token), cancellationToken);
        var now = clock.GetUtcNow();
        if (found is null || found.Token.ExpiredAt <= now)
        {
            return null;
        }
        if (found.Use.IsToBeRecorded(now))
        {
            await RecordUseAsync(found.Token.Id, now, cancellationToken);
        }
        return found.Token;
    }

    /// <summary>Whether it may still be used; for what was made with it before.</summary>
    public async ValueTask<bool> IsAliveAsync(ApiTokenId id, CancellationToken cancellationToken)
    {
        var found = await cache.GetAsync($"token-id:{id}", async token =>
        {
            await using var db = await databases.CreateDbContextAsync(token);
            return await db.ApiTokens.AsNoTracking().FirstOrDefaultAsync(
                row => row.Id == id && !db.Users.Any(user => user.Id == row.UserId && user.DisabledAt != null), token);
        }, cancellationToken);
        return found is not null && !(found.ExpiredAt <= clock.GetUtcNow());
    }

    /// <summary>Takes tokens back, for good and at once.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> RevokeAsync(Func<IQueryable<ApiToken>, IQueryable<ApiToken>> which, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var revoked = await which(db.ApiTokens).ExecuteDeleteAsync(cancellationToken);
        await cache.ForgetAsync();
        return revoked;
    }

    private async Task<IssuedToken> IssueAsync(
        UserId? user, TeamId? team, OrganizationId? organization, TokenRequest request,
        Func<IQueryable<ApiToken>, IQueryable<ApiToken>>? replaced, CancellationToken cancellationToken)
    {
        var text = RandomNumberGenerator.GetString(Letters, NameLength) + Middle + RandomNumberGenerator.GetString(Letters, SecretLength);
        var token = new ApiToken
        {
            Id = Identifier.New<ApiTokenId>(),
            Hash = TokenHash.Of(text),
            UserId = user,
            TeamId = team,
            OrganizationId = organization,
            Description = request.Description,
            CreatedById = request.CreatedBy.Id,
            CreatedBy = request.CreatedBy.Name,
            CreatedAt = clock.GetUtcNow(),
            ExpiredAt = request.ExpiredAt,
        };
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            if (replaced is not null)
            {
                await replaced(db.ApiTokens).ExecuteDeleteAsync(cancellationToken);
            }
            db.ApiTokens.Add(token);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        if (replaced is not null)
        {
            await cache.ForgetAsync();
        }
        return new IssuedToken(token, text);
    }

    private async Task<Found?> LoadAsync(string hash, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await (
            from token in db.ApiTokens.AsNoTracking()
            where token.Hash == hash
            join user in db.Users on token.UserId equals user.Id into users
            from user in users.DefaultIfEmpty()
            join organization in db.Organizations on token.OrganizationId equals organization.Id into organizations
            from organization in organizations.DefaultIfEmpty()
            select new { token, user, Organization = (string?)organization.Name }).FirstOrDefaultAsync(cancellationToken);
        if (found is null or { user.DisabledAt: not null })
        {
            return null;
        }
        var principal = found.user is { } person ? Principal.Of(person)
            : found.token.TeamId is { } team ? Principal.Of(team)
            : Principal.Of(found.token.OrganizationId!.Value, found.Organization!);
        return new Found(new KnownToken(found.token.Id, principal, found.token.ExpiredAt), new LastUse(found.token.LastUsedAt));
    }

    private async Task RecordUseAsync(ApiTokenId id, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = now - LastUsePrecision;
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.ApiTokens
            .Where(token => token.Id == id && (token.LastUsedAt == null || token.LastUsedAt <= before))
            .ExecuteUpdateAsync(set => set.SetProperty(token => token.LastUsedAt, now), cancellationToken);
    }

    private sealed record Found(KnownToken Token, LastUse Use);
}
