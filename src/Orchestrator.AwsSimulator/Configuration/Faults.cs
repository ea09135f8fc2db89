namespace Orchestrator.AwsSimulator.Configuration;

/// <summary>Misbehaviour to rehearse. Everything is off unless asked for.</summary>
internal sealed record Faults
{
    /// <summary>The issuer's keys are fetched for every token.</summary>
    public bool NoKeyCache { get; init; }

    /// <summary>An issuer that does not answer is reported as <c>IDPCommunicationError</c> instead of
    /// <c>InvalidIdentityToken</c>; AWS uses both, and clients retry them differently.</summary>
    public bool UnreachableIssuerIsCommunicationError { get; init; }

    /// <summary>This many exchanges are answered with <c>Throttling</c> before the first one is looked at.</summary>
    public int ThrottleFirst { get; init; }

    /// <summary>After the throttled ones, this many exchanges are answered with <c>InternalFailure</c>.</summary>
    public int FailFirst { get; init; }

    /// <summary>STS is switched off in the region.</summary>
    public bool StsDisabled { get; init; }

    /// <summary>The simulator's clock is this far ahead (behind when negative).</summary>
    public TimeSpan ClockOffset { get; init; }

    /// <summary>Sessions die after this long, whatever expiration was announced.</summary>
    public TimeSpan? ExpireSessionsAfter { get; init; }
}
