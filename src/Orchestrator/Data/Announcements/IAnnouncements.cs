namespace Orchestrator.Data.Announcements;

/// <summary>Tells whoever waits that something was stored. An announcement carries no content: it says "look again".</summary>
/// <remarks>Store first, then announce. One may be missed (a connection that was just away), so a listener that must not
/// wait for ever looks again by itself from time to time.</remarks>
public interface IAnnouncements
{
    ValueTask AnnounceAsync(Topic topic, CancellationToken cancellationToken);

    /// <summary>Hears every announcement of the topic from now on, until it is disposed.</summary>
    ISubscription Subscribe(Topic topic);
}

public interface ISubscription : IDisposable
{
    /// <summary>Ends when there was an announcement since the last call; several count as one.</summary>
    ValueTask WaitAsync(CancellationToken cancellationToken);

    /// <summary>Whether there was an announcement since the last call; does not wait for one.</summary>
    bool TryHear();
}

/// <summary>What an announcement is about.</summary>
public readonly record struct Topic
{
    private const string OfOneRun = "run:";

    private Topic(string name) => Name = name;

    public string Name { get; }

    /// <summary>The run's row changed: its status, or somebody asked it to stop.</summary>
    public static Topic Run(RunId id) => new($"{OfOneRun}{id.Value}");

    /// <summary>Some run's row changed: heard with each <see cref="Run"/>.</summary>
    public static Topic Runs => new("runs");

    /// <summary>A phase's log grew, or ended.</summary>
    public static Topic Log(RunId id, string phase) => new($"log:{id.Value}:{phase}");

    /// <summary>A job was put into a queue of the workers.</summary>
    public static Topic Jobs(string queue) => new($"jobs:{queue}");

    /// <summary>Somebody's rights changed, or a token was revoked.</summary>
    public static Topic Access => new("access");

    /// <summary>The tokens of a run were revoked.</summary>
    public static Topic RunTokens => new("run-tokens");

    /// <summary>What is announced with it; null when that is all.</summary>
    internal Topic? Wider => Name.StartsWith(OfOneRun, StringComparison.Ordinal) ? Runs : null;

    internal static Topic Named(string name) => new(name);
}
