namespace Orchestrator.Web.Api.JsonApi;

/// <summary>Every type of resource of the API, by its name.</summary>
internal sealed class ResourceTypes(IEnumerable<ResourceType> types)
{
    private readonly Dictionary<string, ResourceType> _byName = types.ToDictionary(type => type.Name);

    /// <summary>Null for what can only be referred to.</summary>
    public ResourceType? Find(string name) => _byName.GetValueOrDefault(name);
}

internal static class ResourceTypeServices
{
    public static IServiceCollection AddResource<T>(this IServiceCollection services) where T : ResourceType => services
        .AddSingleton<T>()
        .AddSingleton<ResourceType>(provider => provider.GetRequiredService<T>());
}
