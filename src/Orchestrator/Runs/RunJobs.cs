using System.Text;
using Hangfire;
using Hangfire.States;
using Microsoft.Extensions.Logging;
using Orchestrator.Data;

namespace Orchestrator.Runs;

/// <summary>Hands runs to the workers. A job carries the run's id and nothing else.</summary>
public sealed partial class RunJobs(IBackgroundJobClientV2 jobs, JobStorage storage, ILogger<RunJobs> logger)
{
    public const string ApplyQueue = "apply";
    public const string PlanQueue = "plan";
    public const string SpeculativeQueue = "speculative";

    /// <summary>In the order in which a free worker looks: what somebody has confirmed comes first.</summary>
    public static readonly string[] Queues = [ApplyQueue, PlanQueue, SpeculativeQueue];

    /// <summary>The queues from which a worker takes: the pools' that it serves, or those of all runs that name no pool.</summary>
    public static string[] QueuesFor(IReadOnlyCollection<AgentPoolId> pools) =>
        pools.Count == 0 ? Queues : [.. Queues.SelectMany(queue => pools.Select(pool => QueueOf(queue, pool)))];

    /// <summary>After the run's step is stored: that is the truth, and a job that could not be queued, or is lost, gets a successor within
    /// seconds (<see cref="RunTurns.WakeAsync"/>). So this never fails what has been done.</summary>
    public void Enqueue(Run run, RunStatus step)
    {
        var text = run.Id.Value;
        try
        {
            jobs.Create<RunJob>(job => job.ExecuteAsync(text, CancellationToken.None), new EnqueuedState(QueueOf(step, run.Options.PlanOnly, run.AgentPoolId)));
        }
        catch (BackgroundJobClientException failed)
        {
            Log.NotQueued(logger, run.Id.Value, failed);
        }
    }

    /// <summary>Nothing is in the queue that a worker could take.</summary>
    public bool AreNoneIn(string queue) => storage.GetMonitoringApi().EnqueuedCount(queue) == 0;

    public static string QueueOf(RunStatus step, bool planOnly, AgentPoolId? pool) =>
        pool is { } id ? QueueOf(KindOf(step, planOnly), id) : KindOf(step, planOnly);

    /// <summary>One of <see cref="Queues"/>.</summary>
    public static string KindOf(RunStatus step, bool planOnly) => step == RunStatus.ApplyQueued ? ApplyQueue : planOnly ? SpeculativeQueue : PlanQueue;

    // By the pool's id, which no renaming changes. A queue's name has no capitals, and two ids may differ in nothing else.
    private static string QueueOf(string queue, AgentPoolId pool) => $"{queue}-{Convert.ToHexStringLower(Encoding.ASCII.GetBytes(pool.Value))}";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The job of run {Run} could not be queued; the run is handed over in some seconds.")]
        public static partial void NotQueued(ILogger logger, string run, Exception exception);
    }
}
