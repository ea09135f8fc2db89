namespace Orchestrator.Credentials.Vault;

/// <summary>One configuration's token of Vault: renewed before it expires, and taken back when the phase is over.</summary>
internal sealed class VaultSession(CloudConfiguration configuration, VaultClient client, VaultGrant grant, TimeProvider clock) : IDisposable
{
    private static readonly Dictionary<string, string> Nothing = [];
    private static readonly TimeSpan AlmostOver = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);
    private static readonly TimeSpan TimeToRevoke = TimeSpan.FromSeconds(20);

    public CloudConfiguration Configuration => configuration;

    public string Token => grant.Token;

    /// <summary>Null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; } = grant.Lease > TimeSpan.Zero ? clock.GetUtcNow() + grant.Lease : null;

    /// <summary>Until it is cancelled, or Vault does not renew the token any further.</summary>
    public async Task RenewAsync(CancellationToken over)
    {
        while (grant.Renewable && ExpiresAt - clock.GetUtcNow() is { } left && left > AlmostOver)
        {
            await Task.Delay(left / 2 < LongestPause ? left / 2 : LongestPause, clock, over);
            var answer = await client.PostAsync("auth/token/renew-self", Token, Nothing, over);
            if (answer.Grant is { } renewed)
            {
                ExpiresAt = clock.GetUtcNow() + renewed.Lease;
            }
            else if (!answer.MayPass)
            {
                return;
            }
        }
    }

    /// <returns>What is left of it; null when it is good for nothing any more.</returns>
    public async Task<string?> RevokeAsync()
    {
        using var limit = new CancellationTokenSource(TimeToRevoke, clock);
        try
        {
            var answer = await client.PostAsync("auth/token/revoke-self", Token, Nothing, limit.Token);
            return answer.Succeeded || clock.GetUtcNow() >= ExpiresAt
                ? null
                : Left($"{answer.Said(Token)} ({(answer.Status is { } status ? $"status {(int)status}" : "no answer")})");
        }
        catch (OperationCanceledException)
        {
            return Left("no answer in time");
        }
    }

    public void Dispose() => client.Dispose();

    private string Left(string reason) => $"Vault at {configuration.Of(VaultVocabulary.Address).Shown} did not take back the token of "
        + $"'{configuration.Of(VaultVocabulary.Role).Shown}': {reason}. "
        + (ExpiresAt is { } end ? $"It expires at {end:yyyy-MM-dd HH:mm:ss}Z." : "It does not expire.");
}
