using System.Text.Json;

namespace Orchestrator.Runs;

/// <summary>One step of a phase, for the timeline: <c>prepare</c>, <c>token</c>, <c>credentials</c>, <c>init</c>, …</summary>
public sealed record PhaseStep(string Name, DateTimeOffset StartedAt, int Milliseconds)
{
    public static string Write(IReadOnlyList<PhaseStep> steps) => JsonSerializer.Serialize(steps);

    public static IReadOnlyList<PhaseStep> Parse(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<PhaseStep[]>(json) ?? [];
}
