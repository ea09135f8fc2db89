using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Orchestrator.WorkloadIdentity;

namespace Orchestrator.Credentials;

/// <summary>A file with a token, for a client that shows it to its cloud by itself.</summary>
/// <param name="name">Below the phase's directory.</param>
/// <param name="mint">Makes a token of that lifetime, and its whole entry in the ledger.</param>
internal sealed class TokenFile(
    CloudPhase phase, string name, Func<TimeSpan, CancellationToken, Task<(IdentityToken Token, CredentialGrant Entry)>> mint)
{
    /// <summary>The life of a token that <see cref="RenewAsync"/> replaces.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(15);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromMinutes(5);

    public string Path => System.IO.Path.Combine(phase.Directory, name);

    /// <param name="lifetime"><see cref="Lifetime"/> for a client that reads the file each time; the phase's time limit for one
    /// that reads it once.</param>
    public async Task<IdentityToken> WriteAsync(TimeSpan lifetime, CancellationToken cancellationToken)
    {
        var (token, entry) = await mint(lifetime, cancellationToken);
        await phase.RecordAsync(entry, cancellationToken);
        // Clients send the file as it is: no newline at its end.
        await phase.WriteFileAsync(name, token.Compact, cancellationToken);
        return token;
    }

    /// <summary>Replaces the tokens before they expire, until it is cancelled.</summary>
    public static async Task RenewAsync(IReadOnlyList<TokenFile> files, TimeProvider clock, CancellationToken over)
    {
        using var timer = new PeriodicTimer(RenewEvery, clock);
        while (await timer.WaitForNextTickAsync(over))
        {
            try
            {
                foreach (var file in files)
                {
                    await file.WriteAsync(Lifetime, over);
                }
            }
            catch (Exception failed) when (failed is DbException or DbUpdateException or IOException or InvalidOperationException)
            {
                // The tokens in place are good for two more rounds.
            }
        }
    }
}
