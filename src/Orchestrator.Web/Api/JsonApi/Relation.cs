using Orchestrator.Data;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>What resources of a type are related to: shown with each of them, and included on demand when it says so.</summary>
/// <param name="Types">One, except where the related may be of several kinds.</param>
internal abstract record Relation(string Name, IReadOnlyList<string> Types)
{
    public bool IsIncludable { get; init; }

    public bool IsMany { get; init; }

    /// <summary>Finds who is related where a row does not tell: by the ids of the resources, and only when it is to be included.</summary>
    public Func<OrchestratorDbContext, IReadOnlyList<string>, CancellationToken, Task<ILookup<string, string>>>? Find { get; init; }
}

/// <param name="Show">Null where only an inclusion tells.</param>
internal sealed record Relation<TRow>(string Name, IReadOnlyList<string> Types, Func<TRow, Relationship>? Show) : Relation(Name, Types)
{
    /// <summary>May be named in <c>include</c>.</summary>
    public Relation<TRow> Includable() => this with { IsIncludable = true };
}
