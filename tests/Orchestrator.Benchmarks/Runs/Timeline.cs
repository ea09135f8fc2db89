using Microsoft.EntityFrameworkCore;
using Orchestrator.Benchmarks.Harness;
using Orchestrator.Data;
using Orchestrator.Runs;

namespace Orchestrator.Benchmarks.Runs;

/// <summary>Where a run's time went, from what the server itself has noted.</summary>
internal sealed class Timeline(Database database)
{
    private const string QueuedToTerraform = "queued to terraform's start";

    /// <summary>How long it takes from a phase's turn to terraform's first command, when a worker is free.</summary>
    public static bool IsUntilTerraform(string step) => step.EndsWith(QueuedToTerraform, StringComparison.Ordinal);

    /// <summary>Each step by name, and the times between the steps.</summary>
    public async Task<IReadOnlyList<(string Name, double Milliseconds)>> ReadAsync(string id)
    {
        await using var db = database.Open();
        var run = await db.Runs.AsNoTracking().FirstAsync(row => row.Id == new RunId(id));
        var plan = await db.Plans.AsNoTracking().FirstAsync(row => row.RunId == run.Id);
        var apply = await db.Applies.AsNoTracking().FirstAsync(row => row.RunId == run.Id);
        return
        [
            ("created to queued", Between(run.CreatedAt, plan.QueuedAt)),
            .. Of("plan", plan, "init"),
            .. Of("apply", apply, "apply"),
        ];
    }

    private static IEnumerable<(string, double)> Of(string phase, PhaseRecord record, string firstCommand)
    {
        var steps = record.Steps;
        var terraform = steps.FirstOrDefault(step => step.Name == "init") ?? steps.First(step => step.Name == firstCommand);
        yield return ($"{phase}: queued to claimed", Between(record.QueuedAt, record.StartedAt));
        yield return ($"{phase}: {QueuedToTerraform}", Between(record.QueuedAt, terraform.StartedAt));
        yield return ($"{phase}: claimed to first step", Between(record.StartedAt, steps[0].StartedAt));
        foreach (var step in steps)
        {
            yield return ($"{phase}: {step.Name}", step.Milliseconds);
        }
        var inSteps = steps.Sum(step => step.Milliseconds);
        yield return ($"{phase}: between the steps", Between(steps[0].StartedAt, steps[^1].StartedAt) + steps[^1].Milliseconds - inSteps);
        yield return ($"{phase}: last step to recorded", Between(steps[^1].StartedAt, record.FinishedAt) - steps[^1].Milliseconds);
    }

    private static double Between(DateTimeOffset? from, DateTimeOffset? to) => (to - from)?.TotalMilliseconds ?? 0;
}
