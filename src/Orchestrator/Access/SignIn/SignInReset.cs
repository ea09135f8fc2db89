using Microsoft.EntityFrameworkCore;
using Orchestrator.Data;

namespace Orchestrator.Access.SignIn;

/// <summary>For somebody who has lost their authenticator or device, on the word of whoever runs the installation.</summary>
public sealed class SignInReset(IDbContextFactory<OrchestratorDbContext> databases, Authenticators authenticators, Sessions sessions)
{
    /// <summary>Nothing asks for a second factor any more, passkeys are gone, and every browser is signed out.</summary>
    public async Task ResetAsync(UserId user, CancellationToken cancellationToken)
    {
        await authenticators.RemoveAsync(user, cancellationToken);
        await using (var db = await databases.CreateDbContextAsync(cancellationToken))
        {
            await db.Passkeys.Where(passkey => passkey.UserId == user).ExecuteDeleteAsync(cancellationToken);
        }
        await sessions.EndAsync(all => all.Where(session => session.UserId == user), cancellationToken);
    }
}
