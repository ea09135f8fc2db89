namespace Orchestrator.Credentials;

/// <summary>One cloud: what its variables are called, and how a phase's token becomes something that its clients use.</summary>
public interface ICloud
{
    CloudVocabulary Vocabulary { get; }

    /// <summary>Why a policy does not let a configuration have its credentials; null when it does.</summary>
    string? Objection(EffectiveCredentialPolicy policy, CloudConfiguration configuration, bool isPlan) => null;

    /// <param name="configurations">What the phase asks for; at least one.</param>
    /// <exception cref="CredentialsRefusedException">There are none to be had.</exception>
    Task<CloudDelivery> DeliverAsync(CloudPhase phase, IReadOnlyList<CloudConfiguration> configurations, CancellationToken cancellationToken);

    /// <summary>Obtains what a configuration asks for, finds out what it is good for, and lets go of it.</summary>
    async Task<CloudProof> ProveAsync(CloudPhase phase, CloudConfiguration configuration, CancellationToken cancellationToken)
    {
        try
        {
            await using var delivery = await DeliverAsync(phase, [configuration], cancellationToken);
            return new CloudProof(Principal: null, Refusal: null, []);
        }
        catch (CredentialsRefusedException refused)
        {
            return new CloudProof(Principal: null, refused.Message, []);
        }
    }
}

/// <summary>What became of an attempt to get credentials.</summary>
/// <param name="Principal">Who the cloud says one is with them; null when it was not asked, or gave none.</param>
/// <param name="Refusal">Why there are none, and what to check.</param>
/// <param name="Explanation">What the other side's policy asks for and what the token has, line by line; where the policy is known.</param>
public sealed record CloudProof(string? Principal, string? Refusal, IReadOnlyList<string> Explanation);

/// <summary>No credentials. The message is for the people who read the run: what happened, and what to check.</summary>
public sealed class CredentialsRefusedException(string message) : Exception(message);

/// <summary>What a cloud has put in place for one phase. Disposing it takes that away: nothing is renewed or answered any more.</summary>
/// <param name="upkeep">Renews what would expire, until it is cancelled.</param>
/// <param name="close">What else there is to end. Returns what could not be, for whoever has to; null when all is over.</param>
public sealed class CloudDelivery(Func<CancellationToken, Task>? upkeep = null, Func<ValueTask<string?>>? close = null) : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private Task _upkeep = Task.CompletedTask;

    /// <summary>For the commands that talk to the cloud.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>What is still good for something although the phase is over; null when nothing is.</summary>
    public string? Left { get; private set; }

    /// <summary>Starts the upkeep.</summary>
    public CloudDelivery Begin()
    {
        _upkeep = upkeep?.Invoke(_over.Token) ?? Task.CompletedTask;
        return this;
    }

    /// <remarks>Once: a wipe that did not get to its end is done again.</remarks>
    public async ValueTask DisposeAsync()
    {
        if (_over.IsCancellationRequested)
        {
            return;
        }
        await _over.CancelAsync();
        try
        {
            await _upkeep;
        }
        catch (OperationCanceledException)
        {
            // That is its end.
        }
        if (close is not null)
        {
            Left = await close();
        }
        _over.Dispose();
    }
}
