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

    public void Enqueue(RunId id, RunOptions options, RunStatus step)
    {
        var text = id.Value;
        jobs.Create<RunJob>(job => job.ExecuteAsync(text, CancellationToken.None), new EnqueuedState(QueueOf(options, step)));
    }

    private static string QueueOf(RunOptions options, RunStatus step) => step == RunStatus.ApplyQueued
        ? ApplyQueue
        : options.PlanOnly ? SpeculativeQueue : PlanQueue;
}
