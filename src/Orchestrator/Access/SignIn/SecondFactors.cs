using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

public static class SecondFactors
{
    /// <summary>Whether a password alone does not sign this person in: an authenticator is asked for, or there is no password beside
    /// passkeys and the company's sign-in, which has rules of its own.</summary>
    public static async Task<bool> HasSecondFactorAsync(this OrchestratorDbContext db, UserId user, CancellationToken cancellationToken) =>
        await db.SignInFactors.AnyAsync(row => row.UserId == user && row.TimeCodeSince != null, cancellationToken)
        || (!await db.SignInFactors.AnyAsync(row => row.UserId == user && row.ProtectedPasswordHash != null, cancellationToken)
            && (await db.Passkeys.AnyAsync(row => row.UserId == user, cancellationToken)
                || await db.CompanyIdentities.AnyAsync(row => row.UserId == user, cancellationToken)));
}
