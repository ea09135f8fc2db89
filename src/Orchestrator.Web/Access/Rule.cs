using Orchestrator.Access;

namespace Orchestrator.Web.Access;

/// <summary>What a caller must be allowed, before it is known where: a line of the tables of routes and of pages.</summary>
/// <param name="Text">For whoever reads the table.</param>
/// <param name="IsSomewhere">What the route names counts: rights are looked for there.</param>
internal sealed record Rule(string Text, bool IsSomewhere, Func<Admission, bool> IsMet)
{
    /// <summary>How what the route names is found; null: as for every route that begins so.</summary>
    public ScopeFinder? Find { get; init; }

    public static Rule SiteAdmin => new("site admin", IsSomewhere: false, admission => admission.Caller.IsSiteAdmin);

    /// <summary>For what concerns nobody but whoever is signed in.</summary>
    public static Rule Person => new("any person: their own", IsSomewhere: false, admission => admission.Caller.UserId is not null);

    /// <summary>The same at a route of that pattern.</summary>
    public Need At(string pattern) => new(Text, IsSomewhere ? Find ?? Scopes.Of(pattern) : null, IsMet);

    public static Rule Of(OrganizationRight right) => new($"organization: {right}", IsSomewhere: true, admission => admission.May(right));

    /// <param name="reason">What is decided by what the request names in its query or body, by the handler.</param>
    public static Rule Of(OrganizationRight right, string reason) => Of(right) with { Text = $"organization: {right}; {reason}" };

    public static Rule Of(ProjectRight right) => new($"project: {right}", IsSomewhere: true, admission => admission.May(right));

    public static Rule Of(TeamRight right) => new($"team: {right}", IsSomewhere: true, admission => admission.May(right));

    public static Rule Of(WorkspaceRight right) => new($"workspace: {right}", IsSomewhere: true, admission => admission.May(right));

    /// <summary>A run's terraform has some rights in its workspace, and needs these routes for none of them.</summary>
    public static Rule NotOfRuns(WorkspaceRight right) => new(
        $"workspace, no run's token: {right}", IsSomewhere: true,
        admission => admission.May(right) && admission.Caller.Principal.Kind != PrincipalKind.Run);

    /// <summary>A run's terraform also reads workspaces that share their state with its own: the handler asks
    /// <see cref="SharedStates"/>.</summary>
    public static Rule OrShared(WorkspaceRight right) => new(
        $"workspace, or shared with a run's: {right}", IsSomewhere: true,
        admission => admission.May(right) || admission.Caller.Principal.Kind == PrincipalKind.Run);

    /// <summary>For what reaches beyond the one project that the route names.</summary>
    public static Rule InAllProjects(ProjectRight right) => new(
        $"all projects: {right}", IsSomewhere: true, admission => admission.Standing.Across(admission.Scope.Organization).Projects.HasFlag(right));

    public static Rule OfSet(OrganizationRight ofOrganizations, ProjectRight ofProjects) => new(
        $"organization or project, whichever owns it: {ofProjects}", IsSomewhere: true,
        admission => admission.Scope.Project is null ? admission.May(ofOrganizations) : admission.May(ofProjects));

    public static Rule OfNotifications => new(
        $"workspace or project, whichever owns it: {WorkspaceRight.Update}", IsSomewhere: true,
        admission => admission.Scope.Workspace is null ? admission.May(ProjectRight.Update) : admission.May(WorkspaceRight.Update));

    public static Rule Account(string reason) => new(
        $"any account: {reason}", IsSomewhere: false, admission => admission.Caller.Principal.Kind != PrincipalKind.Run);
}
