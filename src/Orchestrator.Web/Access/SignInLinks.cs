using Orchestrator.Access;
using Orchestrator.Data;

namespace Orchestrator.Web.Access;

/// <summary>One-time links by which whoever can read the server's terminal signs in.</summary>
public sealed class SignInLinks(OneTimeCodes codes)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>A new link for this person; one made before is void.</summary>
    /// <returns>Its path.</returns>
    public async Task<string> MakeAsync(UserId user, CancellationToken cancellationToken)
    {
        await codes.VoidAsync(OneTimePurpose.SignIn, user, cancellationToken);
        return $"/sign-in/{await codes.MakeAsync(OneTimePurpose.SignIn, user, Lifetime, cancellationToken)}";
    }

    /// <returns>Who signs in; null for a code that does not work, or not any more.</returns>
    public Task<UserId?> RedeemAsync(string code, CancellationToken cancellationToken) =>
        codes.RedeemAsync(OneTimePurpose.SignIn, code, cancellationToken);
}
