using System.Text;
using Hangfire;
using Hangfire.States;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Hands runs to the workers. A job carries the run's id and nothing else.</summary>
public sealed class RunJobs(IBackgroundJobClientV2 jobs)
{
    public const string ApplyQueue = "apply";
    public const string PlanQueue = "plan";
    public const string SpeculativeQueue = "speculative";

    /// <summary>In the order in which a free worker looks: what somebody has confirmed comes first.</summary>
    public static readonly string[] Queues = [ApplyQueue, PlanQueue, SpeculativeQueue];

    /// <summary>The queues of an agent pool, in the same order. They are named after its id, which no renaming changes.</summary>
    public static IEnumerable<string> QueuesOf(AgentPoolId pool) => Queues.Select(queue => QueueOf(queue, pool));

    public void Enqueue(Run run, RunStatus step)
    {
        var text = run.Id.Value;
        var queue = step == RunStatus.ApplyQueued ? ApplyQueue : run.Options.PlanOnly ? SpeculativeQueue : PlanQueue;
        jobs.Create<RunJob>(
            job => job.ExecuteAsync(text, CancellationToken.None),
            new EnqueuedState(run.AgentPoolId is { } pool ? QueueOf(queue, pool) : queue));
    }

    // A queue's name has no capitals, and two ids may differ in nothing else.
    private static string QueueOf(string queue, AgentPoolId pool) => $"{queue}-{Convert.ToHexStringLower(Encoding.ASCII.GetBytes(pool.Value))}";
}
