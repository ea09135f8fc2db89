namespace Orchestrator.Web.Audit;

/// <summary>That a route which only reads is recorded all the same, or under which words one that changes something is.</summary>
/// <param name="Action">Null: as its method and pattern say (<see cref="AuditWords"/>).</param>
/// <param name="ResourceType">Null: as its pattern says.</param>
internal sealed record Audited(string? Action = null, string? ResourceType = null)
{
    /// <summary>People and programs read it again and again: one entry an hour for each of them and each thing (<see cref="ReadingLimit"/>).</summary>
    public bool IsRepeated { get; init; }
}

/// <summary>Kept out of the trail: what comes in there has a log of its own.</summary>
internal sealed record LoggedElsewhere;

internal static class AuditedRoutes
{
    /// <summary>Everything that changes something is recorded anyway. This is for what hands out more than people see every day, and for
    /// routes whose pattern does not say what they do.</summary>
    public static TBuilder Audited<TBuilder>(this TBuilder route, string? action = null, string? resourceType = null)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new Audited(action, resourceType));

    /// <summary>A document that holds secrets, or may.</summary>
    public static TBuilder AuditedDownload<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder => route.Audited("download");

    /// <summary>A log, which is followed as it grows. The handler says whose it is.</summary>
    public static TBuilder AuditedLog<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder =>
        route.WithMetadata(new Audited("read", "log") { IsRepeated = true });
}
