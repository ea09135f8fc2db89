namespace Orchestrator.Web.Pages;

/// <summary>Where pages are. Names are plain (<see cref="Data.Names"/>), but whoever typed an address may have written anything.</summary>
internal static class Links
{
    /// <summary>One's own API tokens, where the terraform CLI sends people.</summary>
    public const string Tokens = "/app/settings/tokens";

    public const string Profile = "/app/settings/profile";

    public const string Security = "/app/settings/security";

    public const string Sessions = "/app/settings/sessions";

    /// <summary>One's own accounts at code hosts.</summary>
    public const string LinkedAccounts = "/app/settings/version-control";

    /// <summary>For whoever is in by a link and has no other way yet.</summary>
    public const string FirstPassword = Security + "?first=true";

    public const string Workspaces = "/workspaces";

    public const string Search = "/search";

    /// <summary>How the installation does, for site admins.</summary>
    public const string Site = "/app/admin";

    public const string SiteUsers = Site + "/users";

    public const string SiteOrganizations = Site + "/organizations";

    public const string SiteKeys = Site + "/keys";

    public static string SiteUser(Data.UserId user) => $"{SiteUsers}/{user}";

    public static string Settings(string organization) => $"{Organization(organization)}/settings/general";

    public static string Agents(string organization) => $"{Organization(organization)}/settings/agents";

    public static string Queue(string organization) => $"{Organization(organization)}/settings/queue";

    public static string Usage(string organization) => $"{Organization(organization)}/settings/usage";

    public static string Organization(string organization) => $"/app/{Uri.EscapeDataString(organization)}";

    public static string Workspace(string organization, string workspace, string? part = null) =>
        $"{Organization(organization)}/{Uri.EscapeDataString(workspace)}{(part is null ? "" : "/" + part)}";

    /// <summary>The long form: the short one is the organisation's own page when a workspace is called "settings".</summary>
    public static string Credentials(string organization, string workspace, string part = "") =>
        $"{Organization(organization)}/workspaces/{Uri.EscapeDataString(workspace)}/credentials{part}";

    public static string Access(string organization, string workspace) => $"{Organization(organization)}/workspaces/{Uri.EscapeDataString(workspace)}/access";

    public static string Notifications(string organization, string workspace) => $"{Organization(organization)}/workspaces/{Uri.EscapeDataString(workspace)}/notifications";

    public static string Triggers(string organization, string workspace) => $"{Organization(organization)}/workspaces/{Uri.EscapeDataString(workspace)}/triggers";

    public static string ProjectNotifications(string organization, Data.ProjectId project) => $"{Project(organization, project)}/notifications";

    public static string Project(string organization, Data.ProjectId project) => $"{Projects(organization)}/{project}";

    public static string Projects(string organization) => $"{Organization(organization)}/settings/projects";

    public static string Members(string organization) => $"{Organization(organization)}/settings/members";

    public static string Member(string organization, Data.UserId user) => $"{Members(organization)}/{user}";

    public static string Teams(string organization) => $"{Organization(organization)}/settings/teams";

    public static string Team(string organization, Data.TeamId team) => $"{Teams(organization)}/{team}";

    /// <summary>Who may do what: teams in the whole organisation, members in each workspace.</summary>
    public static string Permissions(string organization) => $"{Organization(organization)}/settings/permissions";

    public static string Credentials(string organization) => $"{Organization(organization)}/settings/credentials";

    /// <summary>Of the whole installation, for site admins.</summary>
    public const string SiteAudit = "/app/settings/audit";

    public static string Audit(string organization) => $"{Organization(organization)}/settings/audit";

    /// <summary>The long form, as that of credentials.</summary>
    public static string Repository(string organization, string workspace) => $"{Organization(organization)}/workspaces/{Uri.EscapeDataString(workspace)}/version-control";

    public static string VersionControl(string organization) => $"{Organization(organization)}/settings/version-control";

    public static string VariableSets(string organization) => $"{Organization(organization)}/settings/variable-sets";

    public static string VariableSet(string organization, Data.VariableSetId set) => $"{VariableSets(organization)}/{set}";

    public static string Run(string organization, string workspace, string run) =>
        Workspace(organization, workspace, $"runs/{Uri.EscapeDataString(run)}");
}
