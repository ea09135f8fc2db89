using Orchestrator.AwsSimulator.Activity;
using Orchestrator.AwsSimulator.Configuration;

namespace Orchestrator.AwsSimulator.Sts;

/// <summary>Turns exchanges down on request, before anything about them is looked at.</summary>
internal sealed class FaultInjection(Faults faults)
{
    private int _exchanges;

    public Refusal? Next(string accountId)
    {
        var number = Interlocked.Increment(ref _exchanges);
        return faults switch
        {
            { StsDisabled: true } => StsErrors.RegionDisabled(accountId),
            _ when number <= faults.ThrottleFirst => StsErrors.Throttled,
            _ when number - faults.ThrottleFirst <= faults.FailFirst => StsErrors.Failed,
            _ => null,
        };
    }
}
