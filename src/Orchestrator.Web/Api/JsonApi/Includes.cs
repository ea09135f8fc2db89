using Orchestrator.Data;

namespace Orchestrator.Web.Api.JsonApi;

/// <summary>What a caller wants to have beside the resources it asks for: <c>include=plan,configuration_version.ingress_attributes</c>.</summary>
/// <remarks>Each step of a path is one query for all resources there. A primary resource is never included, and neither is one that would
/// close a circle: clients resolve references without end. Both stay references, as does whatever the caller may not see.</remarks>
internal sealed class Includes
{
    private const int MaxPaths = 30;
    private const int MaxDepth = 4;

    private readonly IReadOnlyList<string[]> _paths;
    private readonly ResourceTypes _types;
    private readonly HttpContext _context;
    private readonly Dictionary<ResourceIdentifier, Resource> _primary = [];
    private readonly OrderedDictionary<ResourceIdentifier, Resource> _included = [];

    private Includes(IReadOnlyList<string[]> paths, ResourceTypes types, HttpContext context) =>
        (_paths, _types, _context) = (paths, types, context);

    /// <returns>Null when nothing was asked for.</returns>
    /// <exception cref="ApiProblem">There is no such relation, or it cannot be included. Who writes is not told: it has been written.</exception>
    public static Includes? Of(ResourceType primary, HttpContext context)
    {
        if (context.Request.Query["include"].ToString() is not { Length: > 0 } text)
        {
            return null;
        }
        var types = context.RequestServices.GetRequiredService<ResourceTypes>();
        string[][] paths = [.. ApiQuery.List(text).Select(path => ApiQuery.Kebab(path).Split('.'))];
        return paths.Length <= MaxPaths && paths.All(path => path.Length <= MaxDepth && Leads(path, [primary], types))
            ? new Includes(paths, types, context)
            : HttpMethods.IsGet(context.Request.Method) ? throw Invalid(primary) : null;
    }

    public async Task<IReadOnlyList<Resource>> LoadAsync(IReadOnlyList<Resource> primary)
    {
        foreach (var resource in primary)
        {
            _primary[resource.Identifier] = resource;
        }
        foreach (var path in _paths)
        {
            var reached = primary;
            foreach (var step in path)
            {
                reached = await FollowAsync(reached, step);
            }
        }
        return [.. _included.Values];
    }

    private static bool Leads(ReadOnlySpan<string> path, IReadOnlyList<ResourceType> from, ResourceTypes types)
    {
        if (path.IsEmpty)
        {
            return true;
        }
        foreach (var type in from)
        {
            if (type.RelationOf(path[0]) is { IsIncludable: true } relation
                && Leads(path[1..], [.. relation.Types.Select(types.Find).OfType<ResourceType>()], types))
            {
                return true;
            }
        }
        return false;
    }

    private static ApiProblem Invalid(ResourceType primary)
    {
        var possible = primary.RelationsOfAny.Where(relation => relation.IsIncludable).Select(relation => relation.Name.Replace('-', '_')).ToList();
        // Clients look for the first three words.
        return new ApiProblem(StatusCodes.Status400BadRequest, "bad request", possible.Count == 0
            ? $"Invalid include parameter: {primary.Name} have nothing to include."
            : $"Invalid include parameter: {primary.Name} have {string.Join(", ", possible)}, and what those have.");
    }

    private async Task<IReadOnlyList<Resource>> FollowAsync(IReadOnlyList<Resource> from, string step)
    {
        await TellAsync(from, step);
        var related = from.SelectMany(resource => Related(resource, step)).Distinct().ToList();
        foreach (var missing in related.Where(identifier => Known(identifier) is null).GroupBy(identifier => identifier.Type))
        {
            if (_types.Find(missing.Key) is { } type)
            {
                foreach (var loaded in await type.LoadAsync([.. missing.Select(identifier => identifier.Id)], _context))
                {
                    if (!ClosesCircle(loaded))
                    {
                        _included.Add(loaded.Identifier, loaded);
                    }
                }
            }
        }
        return [.. related.Select(Known).OfType<Resource>()];
    }

    /// <summary>Finds out about relations that the resources do not know by themselves.</summary>
    private async Task TellAsync(IReadOnlyList<Resource> from, string step)
    {
        foreach (var untold in from.Where(resource => resource.Relationships?.GetValueOrDefault(step)?.Data is null).GroupBy(resource => resource.Type))
        {
            if (_types.Find(untold.Key)?.RelationOf(step) is { Find: { } find } relation)
            {
                var db = _context.RequestServices.GetRequiredService<OrchestratorDbContext>();
                var found = await find(db, [.. untold.Select(resource => resource.Id)], _context.RequestAborted);
                foreach (var resource in untold)
                {
                    Tell(resource, step, Relationship.Many(relation.Types[0], found[resource.Id]));
                }
            }
        }
    }

    private void Tell(Resource resource, string name, Relationship relationship)
    {
        var before = resource.Relationships;
        resource.Relationships = new Dictionary<string, Relationship>(before ?? new Dictionary<string, Relationship>()) { [name] = relationship };
        if (_included.ContainsKey(resource.Identifier) && ClosesCircle(resource))
        {
            resource.Relationships = before;
        }
    }

    private Resource? Known(ResourceIdentifier identifier) =>
        _primary.GetValueOrDefault(identifier) ?? _included.GetValueOrDefault(identifier);

    /// <summary>Whether what is included leads from the resource back to it. References to primary resources lead nowhere: they are no
    /// members of <c>included</c>.</summary>
    private bool ClosesCircle(Resource resource)
    {
        var seen = new HashSet<ResourceIdentifier>();
        var ahead = new Stack<Resource>([resource]);
        while (ahead.TryPop(out var next))
        {
            foreach (var identifier in next.Relationships?.Values.SelectMany(relationship => relationship.Data ?? []) ?? [])
            {
                if (identifier == resource.Identifier)
                {
                    return true;
                }
                if (seen.Add(identifier) && _included.TryGetValue(identifier, out var known))
                {
                    ahead.Push(known);
                }
            }
        }
        return false;
    }

    private static IReadOnlyList<ResourceIdentifier> Related(Resource resource, string step) =>
        resource.Relationships?.GetValueOrDefault(step)?.Data ?? [];
}
