namespace Orchestrator.AwsSimulator.Sessions;

/// <summary>Tags a token gives to its session. Keys compare without case.</summary>
internal sealed record SessionTags(IReadOnlyDictionary<string, string> Values, IReadOnlyList<string> TransitiveKeys)
{
    public static readonly SessionTags None = new(new Dictionary<string, string>(), []);

    public bool Any => Values.Count > 0 || TransitiveKeys.Count > 0;
}
