namespace Orchestrator.AwsSimulator;

/// <summary>Another clock, set ahead or back: what a host with a wrong clock sees.</summary>
internal sealed class OffsetTimeProvider(TimeProvider clock, TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => clock.GetUtcNow() + offset;
}
