namespace Orchestrator.WorkloadIdentity;

/// <summary>The times that the states of a key last at least, so that no relying party ever meets a token by a key it cannot know.</summary>
public static class KeyLife
{
    /// <summary>How long relying parties may keep the key set: minutes, because a new key must be seen soon.</summary>
    public static readonly TimeSpan CacheTime = TimeSpan.FromMinutes(5);

    /// <summary>How far clocks may differ, and how long AWS STS accepts a token after its <c>exp</c>.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    /// <summary>How long another process may go on with what it knows about the keys.</summary>
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(5);

    /// <summary>From publication to the first signature.</summary>
    public static readonly TimeSpan Settling = CacheTime + ClockSkew;

    /// <summary>From a token's <c>exp</c> to the moment from which on no relying party can want its key any more.</summary>
    public static readonly TimeSpan Aftermath = ClockSkew + CacheTime;

    /// <summary>From the end of signing to the same moment for the last token of the usual life.</summary>
    public static readonly TimeSpan Retiring = Freshness + TokenIssuer.Lifetime + Aftermath;
}
