using Microsoft.AspNetCore.Authorization;
using Orchestrator.Access;
using static Orchestrator.Web.Access.Rule;

namespace Orchestrator.Web.Access;

/// <summary>What each page needs, each button and form on it, each stream and each file: the same rights as the API's routes need.
/// A page that is not here, and says not that it is <see cref="ForEveryUserAttribute"/>, is for site admins; a form that is not here is
/// taken from nobody.</summary>
/// <remarks>A form that a page handles itself stands here with its name behind the page's address. A workspace's address has a short
/// and a long form, of which the short one stands here.</remarks>
internal static class PageRules
{
    private static readonly Dictionary<string, Rule> Rules = new(StringComparer.OrdinalIgnoreCase)
    {
        ["GET /"] = Account("lists what the caller may see"),
        ["GET /workspaces"] = Account("lists what the caller may see"),
        ["GET /search"] = Account("finds what the caller may see"),
        ["GET /app/admin"] = SiteAdmin,
        ["GET /app/admin/users"] = SiteAdmin,
        ["GET /app/admin/users/{user}"] = SiteAdmin,
        ["POST /app/admin/users/{user}/link"] = SiteAdmin,
        ["POST /app/admin/users/{user}/reset"] = SiteAdmin,
        ["POST /app/admin/users/{user}/end-sessions"] = SiteAdmin,
        ["POST /app/admin/users/{user}/site-admin"] = SiteAdmin,
        ["POST /app/admin/users/{user}/disable"] = SiteAdmin,
        ["POST /app/admin/users/{user}/enable"] = SiteAdmin,
        ["GET /app/admin/organizations"] = SiteAdmin,
        ["GET /app/admin/keys"] = SiteAdmin,
        ["POST /app/admin/keys/rotate"] = SiteAdmin,
        ["POST /app/admin/keys/trim"] = SiteAdmin,
        ["POST / new-organization"] = SiteAdmin,
        ["GET /organizations/new"] = SiteAdmin,
        ["POST /organizations/new new-organization"] = SiteAdmin,
        ["GET /workspaces/new"] = Account("lists the projects that the caller may create workspaces in"),
        ["POST /workspaces/new new-workspace"] = Account("the form names the project"),
        // Of Blazor, for a script that is not used here: it leads where the server itself has said, signed.
        ["GET /_framework/opaque-redirect"] = SiteAdmin,
        ["GET /app/admin/jobs/{**path}"] = SiteAdmin,
        ["GET /app/settings/audit"] = SiteAdmin,
        ["GET /app/settings/audit.jsonl"] = SiteAdmin,
        ["GET /not-found"] = Account("tells nothing"),
        ["GET /{*path:nonfile}"] = Account("tells nothing"),

        ["GET /app/{organization}"] = Of(OrganizationRight.Read),
        ["GET /app/{organization}/workspaces"] = Of(OrganizationRight.Read),
        ["GET /app/{organization}/settings/queue"] = Of(OrganizationRight.Read),
        ["GET /app/{organization}/settings/usage"] = Of(OrganizationRight.Read),
        ["GET /app/{organization}/settings/general"] = Of(OrganizationRight.Update),
        ["POST /app/{organization}/settings/general organization"] = Of(OrganizationRight.Update),
        ["POST /app/{organization}/settings/general retention"] = Of(OrganizationRight.Update),
        ["POST /app/{organization}/settings/general token"] = Of(OrganizationRight.ManageOrganizationToken),
        ["POST /app/{organization}/settings/general/revoke-token"] = Of(OrganizationRight.ManageOrganizationToken),
        ["POST /app/{organization}/settings/general/delete"] = Of(OrganizationRight.Delete),
        ["GET /app/{organization}/settings/agents"] = Of(OrganizationRight.Read),
        ["POST /app/{organization}/settings/agents pool"] = Of(OrganizationRight.ManageAgentPools),
        ["POST /app/{organization}/settings/agents/{pool}/delete"] = Of(OrganizationRight.ManageAgentPools),
        ["POST /app/{organization}/settings/agents/{pool}/agents/{agent}/forget"] = Of(OrganizationRight.ManageAgentPools),
        ["GET /app/{organization}/settings/projects"] = Of(OrganizationRight.Read),
        ["POST /app/{organization}/settings/projects project"] = Of(OrganizationRight.Read, "the query names the project"),
        ["POST /app/{organization}/settings/projects delete-project"] = Of(OrganizationRight.Read, "the query names the project"),
        ["GET /app/{organization}/settings/projects/{project}"] = Of(ProjectRight.Read),
        ["POST /app/{organization}/settings/projects/{project} access"] = Of(ProjectRight.ManageTeams),
        ["POST /app/{organization}/settings/projects/{project} move"] = Of(ProjectRight.MoveWorkspaces),
        ["POST /app/{organization}/settings/projects/{project}/access/{access}/remove"] = Of(ProjectRight.ManageTeams),
        ["GET /app/{organization}/settings/projects/{project}/notifications"] = Of(ProjectRight.Update),
        ["POST /app/{organization}/settings/projects/{project}/notifications notification"] = Of(ProjectRight.Update),
        ["POST /app/{organization}/settings/projects/{project}/notifications/{notification}/verify"] = Of(ProjectRight.Update),
        ["POST /app/{organization}/settings/projects/{project}/notifications/{notification}/switch"] = Of(ProjectRight.Update),
        ["POST /app/{organization}/settings/projects/{project}/notifications/{notification}/delete"] = Of(ProjectRight.Update),
        ["GET /app/{organization}/settings/members"] = Of(OrganizationRight.ManageMembership),
        ["POST /app/{organization}/settings/members/invite"] = Of(OrganizationRight.ManageMembership, "the form names the team"),
        ["POST /app/{organization}/settings/members/{membership}/invitation"] = Of(OrganizationRight.ManageMembership),
        // It names the teams that give the rights, secret ones too.
        ["GET /app/{organization}/settings/members/{user}"] = Of(OrganizationRight.ManageMembership | OrganizationRight.SeeSecretTeams),
        ["POST /app/{organization}/settings/members/{user}/link"] = Of(OrganizationRight.ManageOwners),
        ["POST /app/{organization}/settings/members/{membership}/remove"] = Of(OrganizationRight.ManageMembership),
        ["GET /app/{organization}/settings/teams"] = Of(OrganizationRight.Read),
        ["POST /app/{organization}/settings/teams new-team"] = Of(OrganizationRight.ManageTeams),
        ["GET /app/{organization}/settings/teams/{team}"] = Of(TeamRight.See),
        ["POST /app/{organization}/settings/teams/{team} team"] = Of(TeamRight.Update),
        ["POST /app/{organization}/settings/teams/{team} rights"] = Of(TeamRight.ManageOrganizationAccess),
        ["POST /app/{organization}/settings/teams/{team} token"] = Of(TeamRight.ManageTokens),
        ["POST /app/{organization}/settings/teams/{team}/add-member"] = Of(TeamRight.ManageMembers),
        ["POST /app/{organization}/settings/teams/{team}/members/{membership}/remove"] = Of(TeamRight.ManageMembers),
        ["POST /app/{organization}/settings/teams/{team}/tokens/{token}/revoke"] = Of(TeamRight.ManageTokens),
        ["POST /app/{organization}/settings/teams/{team}/delete"] = Of(TeamRight.Delete),
        // As the page of one member: it names secret teams, and tells what everybody may do.
        ["GET /app/{organization}/settings/permissions"] = Of(OrganizationRight.ManageMembership | OrganizationRight.SeeSecretTeams),
        ["GET /app/{organization}/settings/credentials"] = Of(OrganizationRight.ReadCredentials),
        ["POST /app/{organization}/settings/credentials credential-policy"] = Of(OrganizationRight.ReadCredentials, "the query names the project"),
        ["GET /app/{organization}/settings/credentials/ledger"] = Of(OrganizationRight.ReadCredentials),
        ["GET /app/{organization}/settings/credentials/ledger.jsonl"] = Of(OrganizationRight.ReadCredentials),

        ["GET /app/{organization}/settings/version-control"] = Of(OrganizationRight.ManageVcs),
        ["POST /app/{organization}/settings/version-control connection"] = Of(OrganizationRight.ManageVcs),
        ["POST /app/{organization}/settings/version-control/{connection}/check"] = Of(OrganizationRight.ManageVcs),
        ["POST /app/{organization}/settings/version-control/{connection}/delete"] = Of(OrganizationRight.ManageVcs),
        ["POST /app/{organization}/settings/version-control/deliveries/{delivery}/redeliver"] = Of(OrganizationRight.ManageVcs),

        ["GET /app/{organization}/settings/audit"] = Of(OrganizationRight.ReadAudit),
        ["GET /app/{organization}/settings/audit.jsonl"] = Of(OrganizationRight.ReadAudit),

        ["GET /app/{organization}/settings/variable-sets"] = Of(OrganizationRight.ReadVarsets),
        ["POST /app/{organization}/settings/variable-sets new-set"] = Of(OrganizationRight.ManageVarsets),
        ["GET /app/{organization}/settings/variable-sets/{id}"] = OfSet(OrganizationRight.ReadVarsets, ProjectRight.ReadVarsets),
        ["POST /app/{organization}/settings/variable-sets/{id} set"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["POST /app/{organization}/settings/variable-sets/{id} variable"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["POST /app/{organization}/settings/variable-sets/{id}/delete"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["POST /app/{organization}/settings/variable-sets/{id}/variables/{variable}/delete"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),

        ["GET /app/{organization}/{workspace}"] = Of(WorkspaceRight.ReadRuns),
        ["GET /app/{organization}/{workspace}/runs"] = Of(WorkspaceRight.ReadRuns),
        ["POST /app/{organization}/{workspace} start-run"] = Of(WorkspaceRight.QueuePlan),
        ["POST /app/{organization}/{workspace}/runs start-run"] = Of(WorkspaceRight.QueuePlan),
        ["POST /app/{organization}/{workspace}/configuration"] = Of(WorkspaceRight.QueuePlan),
        ["POST /app/{organization}/{workspace}/lock"] = Of(WorkspaceRight.Lock),
        ["POST /app/{organization}/{workspace}/unlock"] = Of(WorkspaceRight.Lock),
        ["POST /app/{organization}/{workspace}/force-unlock"] = Of(WorkspaceRight.ForceUnlock),
        ["GET /app/{organization}/{workspace}/variables"] = Of(WorkspaceRight.ReadVariables),
        ["POST /app/{organization}/{workspace}/variables variable"] = Of(WorkspaceRight.WriteVariables),
        ["POST /app/{organization}/{workspace}/variables import"] = Of(WorkspaceRight.WriteVariables),
        ["POST /app/{organization}/{workspace}/variables/{variable}/delete"] = Of(WorkspaceRight.WriteVariables),
        ["GET /app/{organization}/{workspace}/credentials"] = Of(WorkspaceRight.ReadSettings | WorkspaceRight.ReadVariables),
        ["POST /app/{organization}/{workspace}/credentials credential-policy"] = Of(WorkspaceRight.ManageCredentials),
        ["GET /app/{organization}/{workspace}/credentials/setup"] = Of(WorkspaceRight.ReadSettings | WorkspaceRight.WriteVariables),
        ["POST /app/{organization}/{workspace}/credentials/setup setup"] = Of(WorkspaceRight.ReadSettings | WorkspaceRight.WriteVariables),
        ["GET /app/{organization}/{workspace}/credentials/ledger"] = Of(WorkspaceRight.ReadRuns),
        ["GET /app/{organization}/{workspace}/credentials/ledger.jsonl"] = Of(WorkspaceRight.ReadRuns),
        ["GET /app/{organization}/{workspace}/trust"] = Of(WorkspaceRight.ReadSettings),
        ["POST /app/{organization}/{workspace}/trust test"] = Of(WorkspaceRight.QueuePlan | WorkspaceRight.RunWithCredentials),
        ["POST /app/{organization}/{workspace}/trust explain"] = Of(WorkspaceRight.ReadSettings),
        ["GET /app/{organization}/{workspace}/version-control"] = Of(WorkspaceRight.ReadSettings),
        ["POST /app/{organization}/{workspace}/version-control repository"] = Of(WorkspaceRight.Update),
        ["POST /app/{organization}/{workspace}/version-control disconnect"] = Of(WorkspaceRight.Update),
        ["GET /app/{organization}/{workspace}/access"] = Of(WorkspaceRight.ReadSettings),
        ["POST /app/{organization}/{workspace}/access access"] = Of(WorkspaceRight.ManageAccess),
        ["POST /app/{organization}/{workspace}/access/{access}/remove"] = Of(WorkspaceRight.ManageAccess),
        ["GET /app/{organization}/{workspace}/triggers"] = Of(WorkspaceRight.ReadSettings),
        ["POST /app/{organization}/{workspace}/triggers follow"] = Of(WorkspaceRight.Update),
        ["POST /app/{organization}/{workspace}/triggers auto-apply"] = Of(WorkspaceRight.Update),
        ["POST /app/{organization}/{workspace}/triggers/{trigger}/delete"] = Of(WorkspaceRight.Update),
        ["GET /app/{organization}/{workspace}/notifications"] = Of(WorkspaceRight.Update),
        ["POST /app/{organization}/{workspace}/notifications notification"] = Of(WorkspaceRight.Update),
        ["POST /app/{organization}/{workspace}/notifications/{notification}/verify"] = Of(WorkspaceRight.Update),
        ["POST /app/{organization}/{workspace}/notifications/{notification}/switch"] = Of(WorkspaceRight.Update),
        ["POST /app/{organization}/{workspace}/notifications/{notification}/delete"] = Of(WorkspaceRight.Update),
        ["GET /app/{organization}/{workspace}/states"] = Of(WorkspaceRight.ReadState),
        ["GET /app/{organization}/{workspace}/states/{state}"] = Of(WorkspaceRight.ReadState),
        ["GET /app/{organization}/{workspace}/states/{state}/download"] = Of(WorkspaceRight.ReadState),
        ["POST /app/{organization}/{workspace}/dismiss-diverged-state"] = Of(WorkspaceRight.WriteState),
        ["GET /app/{organization}/{workspace}/runs/{run}/errored-state"] = Of(WorkspaceRight.ReadState),
        ["POST /app/{organization}/{workspace}/states/{state}/roll-back"] = Of(WorkspaceRight.WriteState),
        ["POST /app/{organization}/{workspace}/delete"] = Of(WorkspaceRight.Delete),
        ["GET /app/{organization}/{workspace}/settings"] = Of(WorkspaceRight.ReadSettings),
        ["POST /app/{organization}/{workspace}/settings settings"] = Of(WorkspaceRight.Update),
        ["POST /app/{organization}/{workspace}/settings rename"] = Of(WorkspaceRight.Update),

        ["GET /app/{organization}/{workspace}/runs/{run}"] = Of(WorkspaceRight.ReadRuns),
        ["POST /app/{organization}/{workspace}/runs/{run}/confirm"] = Of(WorkspaceRight.QueueApply),
        ["POST /app/{organization}/{workspace}/runs/{run}/discard"] = Of(WorkspaceRight.QueueApply),
        ["POST /app/{organization}/{workspace}/runs/{run}/cancel"] = Of(WorkspaceRight.QueuePlan),
        ["POST /app/{organization}/{workspace}/runs/{run}/force-cancel"] = Of(WorkspaceRight.ForceCancel),
        ["POST /app/{organization}/{workspace}/runs/{run}/comment"] = Of(WorkspaceRight.QueuePlan),
        ["POST /app/{organization}/{workspace}/runs/{run}/again"] = Of(WorkspaceRight.QueuePlan),
        ["GET /app/events/workspaces"] = Account("tells of what the caller may see"),
        ["GET /app/events/organizations/{organization}"] = Of(OrganizationRight.Read),
        ["GET /app/events/workspaces/{id}"] = Of(WorkspaceRight.ReadRuns),
        ["GET /app/events/runs/{id}"] = Of(WorkspaceRight.ReadRuns),
        ["GET /app/events/runs/{id}/logs/{phase}"] = Of(WorkspaceRight.ReadRuns),
        ["GET /app/events/runs/{id}/logs/{phase}/stretch"] = Of(WorkspaceRight.ReadRuns),
        ["GET /app/events/runs/{id}/logs/{phase}/search"] = Of(WorkspaceRight.ReadRuns),
        ["GET /app/events/runs/{id}/logs/{phase}/raw"] = Of(WorkspaceRight.ReadRuns),
    };

    /// <summary>Gives each of these endpoints the rule that the table has for it, and a page the rules of its forms.</summary>
    public static void Apply(IEndpointConventionBuilder pages) => pages.Finally(endpoint =>
    {
        if (endpoint is not RouteEndpointBuilder route || endpoint.Metadata.OfType<IAllowAnonymous>().Any() || endpoint.Metadata.OfType<Need>().Any())
        {
            return;
        }
        var pattern = route.RoutePattern.RawText!;
        var isForEveryUser = endpoint.Metadata.OfType<ForEveryUserAttribute>().Any();
        var methods = endpoint.Metadata.OfType<HttpMethodMetadata>().LastOrDefault()?.HttpMethods ?? [HttpMethods.Get];
        if (Find(methods.Contains(HttpMethods.Get) ? HttpMethods.Get : methods[0], pattern, form: null) is { } rule)
        {
            endpoint.Metadata.Add(rule.At(pattern));
        }
        else if (isForEveryUser)
        {
            endpoint.Metadata.Add(Person.At(pattern));
        }
        if (methods.Contains(HttpMethods.Get) && methods.Contains(HttpMethods.Post))
        {
            endpoint.Metadata.Add(new FormRules(form => isForEveryUser ? Person : Find(HttpMethods.Post, pattern, form)));
        }
    });

    /// <summary>The forms that pages of such an address take themselves, with what each needs: for whoever lists them.</summary>
    public static IEnumerable<KeyValuePair<string, Rule>> FormsAt(string pattern)
    {
        var page = $"{HttpMethods.Post} {Short(pattern)} ";
        return Rules.Where(row => row.Key.StartsWith(page, StringComparison.OrdinalIgnoreCase))
            .Select(row => KeyValuePair.Create(row.Key[page.Length..], row.Value));
    }

    /// <summary>The lines of the table: for whoever looks for some that nothing needs any more.</summary>
    public static IEnumerable<string> Keys => Rules.Keys;

    /// <summary>How the table spells a page, with the name of one of its forms or without.</summary>
    public static string KeyOf(string method, string pattern, string? form) => $"{method} {Short(pattern)}{(form is null ? "" : " " + form)}";

    private static Rule? Find(string method, string pattern, string? form) => Rules.GetValueOrDefault(KeyOf(method, pattern, form));

    private static string Short(string pattern) =>
        '/' + pattern.Trim('/').Replace("/workspaces/{workspace}", "/{workspace}", StringComparison.OrdinalIgnoreCase);
}

/// <summary>On a page: what each of its forms needs, by the form's name. Null for one that the page does not have.</summary>
internal sealed record FormRules(Func<string, Rule?> Find);
