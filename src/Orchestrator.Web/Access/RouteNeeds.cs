using Orchestrator.Access;

namespace Orchestrator.Web.Access;

/// <summary>How routes of the API say what they need. One that says nothing is closed.</summary>
/// <remarks>Where a right is looked for follows from how the route begins (<see cref="Scopes"/>). A caller who lacks it, and one who asks
/// for what is not there, get the same answer.</remarks>
internal static class RouteNeeds
{
    public static TBuilder Needs<TBuilder>(this TBuilder route, OrganizationRight right) where TBuilder : IEndpointConventionBuilder =>
        route.There($"organization: {right}", admission => admission.May(right));

    public static TBuilder Needs<TBuilder>(this TBuilder route, ProjectRight right) where TBuilder : IEndpointConventionBuilder =>
        route.There($"project: {right}", admission => admission.May(right));

    public static TBuilder Needs<TBuilder>(this TBuilder route, WorkspaceRight right) where TBuilder : IEndpointConventionBuilder =>
        route.There($"workspace: {right}", admission => admission.May(right));

    public static TBuilder Needs<TBuilder>(this TBuilder route, TeamRight right) where TBuilder : IEndpointConventionBuilder =>
        route.There($"team: {right}", admission => admission.May(right));

    /// <summary>For what concerns the whole installation.</summary>
    public static TBuilder NeedsSiteAdmin<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder =>
        route.Anywhere("site admin", admission => admission.Caller.IsSiteAdmin);

    /// <summary>For whoever has a valid token, a run's terraform too.</summary>
    public static TBuilder NeedsAnyToken<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder =>
        route.Anywhere("any token", _ => true);

    /// <summary>For whoever has a valid token that is no run's. The answer holds only what the caller may see, or the handler decides by
    /// what the request names in its body or query.</summary>
    /// <param name="reason">Where the decision is taken.</param>
    public static TBuilder NeedsAccount<TBuilder>(this TBuilder route, string reason) where TBuilder : IEndpointConventionBuilder =>
        route.Anywhere($"any account: {reason}", admission => admission.Caller.Principal.Kind != PrincipalKind.Run);

    /// <summary>For what concerns nobody but whoever is signed in.</summary>
    public static TBuilder NeedsPerson<TBuilder>(this TBuilder route) where TBuilder : IEndpointConventionBuilder =>
        route.Anywhere(Rule.Person.Text, Rule.Person.IsMet);

    private static TBuilder There<TBuilder>(this TBuilder route, string text, Func<Admission, bool> isMet) where TBuilder : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(new Need(text, Scopes.Of(((RouteEndpointBuilder)endpoint).PathInApi()), isMet)));
        return route;
    }

    private static TBuilder Anywhere<TBuilder>(this TBuilder route, string text, Func<Admission, bool> isMet) where TBuilder : IEndpointConventionBuilder
    {
        route.Add(endpoint => endpoint.Metadata.Add(new Need(text, null, isMet)));
        return route;
    }
}
