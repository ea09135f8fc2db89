namespace Orchestrator.Vcs;

/// <summary>Version control did not do what was asked; the message says why and what to do, and holds no secret.</summary>
/// <param name="attempts">How often it is worth trying in all.</param>
/// <param name="after">When the service has said how long to wait.</param>
public sealed class VcsProblem(string message, int attempts = VcsProblem.Seldom, TimeSpan? after = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Nothing will change by itself.</summary>
    public const int Once = 1;

    /// <summary>Somebody may mend it soon, or one of the service's machines did not know the news yet.</summary>
    public const int Seldom = 3;

    /// <summary>It passes.</summary>
    public const int Often = 6;

    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
    ];

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    public int Attempts { get; } = attempts;

    /// <returns>How long to wait before the next attempt; null when there is none.</returns>
    /// <param name="made">How many were made.</param>
    public TimeSpan? WaitAfter(int made) => made >= Attempts
        ? null
        : after is { } told ? (told < Longest ? told : Longest) : Waits[Math.Min(made, Waits.Length) - 1];
}
