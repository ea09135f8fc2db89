using Microsoft.AspNetCore.Authorization;

namespace Orchestrator.Web.Access;

/// <summary>What a route of the API needs its caller to be allowed, and where.</summary>
/// <param name="text">For whoever reads the table of routes.</param>
/// <param name="find">Null when the route leads nowhere in particular.</param>
internal sealed class Need(string text, ScopeFinder? find, Func<Admission, bool> isMet) : IAuthorizationRequirement, IAuthorizationRequirementData
{
    public ScopeFinder? Find => find;

    public bool IsMet(Admission admission) => isMet(admission);

    public IEnumerable<IAuthorizationRequirement> GetRequirements() => [this];

    public override string ToString() => text;
}
