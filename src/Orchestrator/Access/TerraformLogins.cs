using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access;

/// <summary>Trades somebody's consent for an API token of theirs, which their terraform keeps.</summary>
public sealed class TerraformLogins(
    OneTimeCodes codes, ApiTokens tokens, Principals people, IDbContextFactory<OrchestratorDbContext> databases)
{
    /// <summary>How long terraform has to fetch its token after the consent. It does so in the same second.</summary>
    public static readonly TimeSpan ConsentLifetime = TimeSpan.FromMinutes(1);

    /// <returns>The consent, to be shown to <see cref="RedeemAsync"/> once.</returns>
    public Task<string> ConsentAsync(UserId user, CancellationToken cancellationToken) =>
        codes.MakeAsync(OneTimePurpose.TerraformLogin, user, ConsentLifetime, cancellationToken);

    /// <summary>Issues a token that does not expire: terraform forgets what it is told about its life.</summary>
    /// <param name="origin">From where it was fetched, for people who look through their tokens.</param>
    /// <returns>Null for a consent that was never given, is too old, or was shown before. In the last case somebody else may have
    /// shown it, so the token that it was traded for is taken back (RFC 6749, section 4.1.2).</returns>
    public async Task<IssuedToken?> RedeemAsync(string consent, string origin, CancellationToken cancellationToken)
    {
        var hash = TokenHash.Of(consent);
        if (await codes.RedeemAsync(OneTimePurpose.TerraformLogin, consent, cancellationToken) is not { } user)
        {
            await TakeBackAsync(hash, cancellationToken);
            return null;
        }
        if (await people.FindAsync(user, cancellationToken) is not { } person)
        {
            return null;
        }
        var issued = await tokens.IssueAsync(user, new TokenRequest(person.Actor, $"terraform login from {origin}"), cancellationToken);
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.OneTimeCodes
            .Where(code => code.Hash == hash)
            .ExecuteUpdateAsync(set => set.SetProperty(code => code.TokenId, issued.Token.Id), cancellationToken);
        return issued;
    }

    private async Task TakeBackAsync(string hash, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var traded = await db.OneTimeCodes.Where(code => code.Hash == hash).Select(code => code.TokenId).FirstOrDefaultAsync(cancellationToken);
        if (traded is { } id)
        {
            await tokens.RevokeAsync(all => all.Where(token => token.Id == id), cancellationToken);
        }
    }
}
