using Orchestrator.Access;
using Orchestrator.Web.Api;
using static Orchestrator.Web.Access.Rule;

namespace Orchestrator.Web.Access;

/// <summary>What each route of the API needs, in one table: method and pattern as they are mapped, and the right. A route that says it
/// where it is mapped (<see cref="RouteNeeds"/>) stands not here. One that says it nowhere is closed.</summary>
internal static class RouteRules
{
    private static readonly Dictionary<string, Rule> Rules = new(StringComparer.Ordinal)
    {
        ["GET /organizations"] = Account("holds only the caller's"),
        ["POST /organizations"] = SiteAdmin,
        ["GET /organizations/{organization}"] = Of(OrganizationRight.Read),
        ["PATCH /organizations/{organization}"] = Of(OrganizationRight.Update),
        ["DELETE /organizations/{organization}"] = Of(OrganizationRight.Delete),
        ["GET /organizations/{organization}/entitlement-set"] = Of(OrganizationRight.Traverse),
        ["GET /organizations/{organization}/subscription"] = Of(OrganizationRight.Read),
        ["GET /organizations/{organization}/capacity"] = Of(OrganizationRight.Read),
        ["GET /organizations/{organization}/runs"] = Of(OrganizationRight.Read),
        ["GET /organizations/{organization}/runs/queue"] = Of(OrganizationRight.Read),
        ["GET /organizations/{organization}/tags"] = Of(OrganizationRight.Read),
        ["DELETE /organizations/{organization}/tags"] = Of(OrganizationRight.ManageTags),
        ["GET /organizations/{organization}/reserved-tag-keys"] = Of(OrganizationRight.Read),
        ["POST /organizations/{organization}/reserved-tag-keys"] = Of(OrganizationRight.ManageTags),
        ["GET /organizations/{organization}/ssh-keys"] = Of(OrganizationRight.Read),
        ["POST /organizations/{organization}/ssh-keys"] = Of(OrganizationRight.ManageSshKeys),
        ["GET /organizations/{organization}/agent-pools"] = Of(OrganizationRight.Read),
        ["POST /organizations/{organization}/agent-pools"] = Of(OrganizationRight.ManageAgentPools),
        ["GET /organizations/{organization}/varsets"] = Of(OrganizationRight.ReadVarsets),
        ["POST /organizations/{organization}/varsets"] = Of(OrganizationRight.ManageVarsets),

        ["GET /organizations/{organization}/projects"] = Of(OrganizationRight.Read),
        ["POST /organizations/{organization}/projects"] = Of(OrganizationRight.ManageProjects),
        ["GET /projects/{id}"] = Of(ProjectRight.Read),
        ["PATCH /projects/{id}"] = Of(ProjectRight.Update),
        ["DELETE /projects/{id}"] = Of(ProjectRight.Delete),
        ["GET /projects/{id}/tag-bindings"] = Of(ProjectRight.Read),
        ["PATCH /projects/{id}/tag-bindings"] = Of(ProjectRight.ManageTags),
        ["GET /projects/{id}/effective-tag-bindings"] = Of(ProjectRight.Read),
        ["POST /projects/{id}/relationships/workspaces"] = InAllProjects(ProjectRight.MoveWorkspaces),
        ["GET /projects/{id}/varsets"] = Of(ProjectRight.ReadVarsets),

        ["GET /organizations/{organization}/workspaces"] = Of(OrganizationRight.Read),
        ["POST /organizations/{organization}/workspaces"] = Of(OrganizationRight.Read),
        ["GET /organizations/{organization}/workspaces/{name}"] = OrShared(WorkspaceRight.See) with { Find = Scopes.ShownWorkspaceByName },
        ["PATCH /organizations/{organization}/workspaces/{name}"] = Of(WorkspaceRight.Update),
        ["DELETE /organizations/{organization}/workspaces/{name}"] = Of(WorkspaceRight.Delete),
        ["POST /organizations/{organization}/workspaces/{name}/actions/safe-delete"] = Of(WorkspaceRight.Delete),
        ["GET /workspaces/{id}"] = OrShared(WorkspaceRight.See) with { Find = Scopes.ShownWorkspace },
        ["PATCH /workspaces/{id}"] = Of(WorkspaceRight.Update),
        ["DELETE /workspaces/{id}"] = Of(WorkspaceRight.Delete),
        ["POST /workspaces/{id}/actions/safe-delete"] = Of(WorkspaceRight.Delete),
        ["POST /workspaces/{id}/actions/lock"] = Of(WorkspaceRight.Lock),
        ["POST /workspaces/{id}/actions/unlock"] = Of(WorkspaceRight.Lock),
        ["POST /workspaces/{id}/actions/force-unlock"] = Of(WorkspaceRight.ForceUnlock),
        ["POST /workspaces/{id}/actions/dismiss-diverged-state"] = NotOfRuns(WorkspaceRight.WriteState),
        ["GET /workspaces/{id}/relationships/tags"] = Of(WorkspaceRight.ReadSettings),
        ["POST /workspaces/{id}/relationships/tags"] = Of(WorkspaceRight.ManageTags),
        ["DELETE /workspaces/{id}/relationships/tags"] = Of(WorkspaceRight.ManageTags),
        ["GET /workspaces/{id}/tag-bindings"] = Of(WorkspaceRight.ReadSettings),
        ["PATCH /workspaces/{id}/tag-bindings"] = Of(WorkspaceRight.ManageTags),
        ["GET /workspaces/{id}/effective-tag-bindings"] = Of(WorkspaceRight.ReadSettings),
        ["GET /workspaces/{id}/relationships/remote-state-consumers"] = Of(WorkspaceRight.ReadSettings),
        ["POST /workspaces/{id}/relationships/remote-state-consumers"] = Of(WorkspaceRight.Update),
        ["PATCH /workspaces/{id}/relationships/remote-state-consumers"] = Of(WorkspaceRight.Update),
        ["DELETE /workspaces/{id}/relationships/remote-state-consumers"] = Of(WorkspaceRight.Update),
        ["PATCH /workspaces/{id}/relationships/ssh-key"] = Of(WorkspaceRight.Update),
        ["GET /workspaces/{id}/resources"] = NotOfRuns(WorkspaceRight.ReadState),

        ["GET /workspaces/{id}/vars"] = Of(WorkspaceRight.ReadVariables),
        ["POST /workspaces/{id}/vars"] = Of(WorkspaceRight.WriteVariables),
        ["GET /workspaces/{id}/vars/{variable}"] = Of(WorkspaceRight.ReadVariables),
        ["PATCH /workspaces/{id}/vars/{variable}"] = Of(WorkspaceRight.WriteVariables),
        ["DELETE /workspaces/{id}/vars/{variable}"] = Of(WorkspaceRight.WriteVariables),
        ["PATCH /workspaces/{id}/relationships/vars"] = Of(WorkspaceRight.WriteVariables),
        ["GET /workspaces/{id}/effective-vars"] = Of(WorkspaceRight.ReadVariables),
        ["GET /workspaces/{id}/all-vars"] = Of(WorkspaceRight.ReadVariables),
        ["GET /workspaces/{id}/varsets"] = Of(WorkspaceRight.ReadVariables),

        ["GET /varsets/{id}"] = OfSet(OrganizationRight.ReadVarsets, ProjectRight.ReadVarsets),
        ["PATCH /varsets/{id}"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["PUT /varsets/{id}"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["DELETE /varsets/{id}"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["POST /varsets/{id}/relationships/workspaces"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["DELETE /varsets/{id}/relationships/workspaces"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["POST /varsets/{id}/relationships/projects"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["DELETE /varsets/{id}/relationships/projects"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["GET /varsets/{id}/relationships/vars"] = OfSet(OrganizationRight.ReadVarsets, ProjectRight.ReadVarsets),
        ["POST /varsets/{id}/relationships/vars"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["GET /varsets/{id}/relationships/vars/{variable}"] = OfSet(OrganizationRight.ReadVarsets, ProjectRight.ReadVarsets),
        ["PATCH /varsets/{id}/relationships/vars/{variable}"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["DELETE /varsets/{id}/relationships/vars/{variable}"] = OfSet(OrganizationRight.ManageVarsets, ProjectRight.ManageVarsets),
        ["GET /github-app/installations"] = Account("holds only those of the caller's organizations"),
        ["GET /github-app/installation/{id}"] = Account("holds only those of the caller's organizations"),
        ["GET /vars"] = Account("holds only what the caller may read"),
        ["POST /vars"] = Account("the body names the workspace"),
        ["GET /vars/{id}"] = Of(WorkspaceRight.ReadVariables),
        ["PATCH /vars/{id}"] = Of(WorkspaceRight.WriteVariables),
        ["DELETE /vars/{id}"] = Of(WorkspaceRight.WriteVariables),

        ["POST /workspaces/{id}/configuration-versions"] = Of(WorkspaceRight.QueuePlan),
        ["GET /workspaces/{id}/configuration-versions"] = Of(WorkspaceRight.ReadRuns),
        ["GET /configuration-versions/{id}"] = Of(WorkspaceRight.ReadRuns),
        ["GET /configuration-versions/{id}/ingress-attributes"] = Of(WorkspaceRight.ReadRuns),
        ["GET /configuration-versions/{id}/download"] = Of(WorkspaceRight.ReadRuns),
        ["POST /configuration-versions/{id}/actions/archive"] = Of(WorkspaceRight.QueueApply),
        ["GET /runs/{id}/configuration-version"] = Of(WorkspaceRight.ReadRuns),
        ["GET /runs/{id}/configuration-version/download"] = Of(WorkspaceRight.ReadRuns),

        ["POST /runs"] = Account("the body names the workspace"),
        ["GET /workspaces/{id}/runs"] = Of(WorkspaceRight.ReadRuns),
        ["GET /runs/{id}"] = Of(WorkspaceRight.ReadRuns),
        ["GET /runs/{id}/plan"] = Of(WorkspaceRight.ReadRuns),
        ["GET /runs/{id}/run-events"] = Of(WorkspaceRight.ReadRuns),
        ["GET /run-events/{id}"] = Of(WorkspaceRight.ReadRuns),
        ["GET /comments/{id}"] = Of(WorkspaceRight.ReadRuns),
        ["GET /runs/{id}/comments"] = Of(WorkspaceRight.ReadRuns),
        ["POST /runs/{id}/comments"] = Of(WorkspaceRight.QueuePlan),
        ["GET /runs/{id}/policy-checks"] = Of(WorkspaceRight.ReadRuns),
        ["GET /runs/{id}/task-stages"] = Of(WorkspaceRight.ReadRuns),
        ["POST /runs/{id}/actions/apply"] = Of(WorkspaceRight.QueueApply),
        ["POST /runs/{id}/actions/discard"] = Of(WorkspaceRight.QueueApply),
        ["POST /runs/{id}/actions/cancel"] = Of(WorkspaceRight.QueuePlan),
        ["POST /runs/{id}/actions/force-cancel"] = Of(WorkspaceRight.ForceCancel),
        ["POST /runs/{id}/actions/force-execute"] = Of(WorkspaceRight.ForceCancel),

        ["GET /workspaces/{id}/run-triggers"] = Of(WorkspaceRight.ReadSettings),
        ["POST /workspaces/{id}/run-triggers"] = Of(WorkspaceRight.Update),
        ["GET /run-triggers/{id}"] = Of(WorkspaceRight.ReadSettings),
        ["DELETE /run-triggers/{id}"] = Of(WorkspaceRight.Update),

        // A chat's address is all that is needed to write there, so it is not for readers.
        ["GET /workspaces/{id}/notification-configurations"] = Of(WorkspaceRight.Update),
        ["POST /workspaces/{id}/notification-configurations"] = Of(WorkspaceRight.Update),
        ["GET /projects/{id}/notification-configurations"] = Of(ProjectRight.Update),
        ["POST /projects/{id}/notification-configurations"] = Of(ProjectRight.Update),
        ["GET /notification-configurations/{id}"] = OfNotifications,
        ["PATCH /notification-configurations/{id}"] = OfNotifications,
        ["DELETE /notification-configurations/{id}"] = OfNotifications,
        ["POST /notification-configurations/{id}/actions/verify"] = OfNotifications,

        ["GET /plans/{id}"] = Of(WorkspaceRight.ReadRuns),
        ["GET /plans/{id}/json-output"] = Of(WorkspaceRight.ReadFullPlan),
        ["GET /plans/{id}/json-output-redacted"] = Of(WorkspaceRight.ReadRuns),
        ["GET /plans/{id}/json-schema"] = Of(WorkspaceRight.ReadRuns),
        ["GET /runs/{id}/plan/json-schema"] = Of(WorkspaceRight.ReadRuns),
        ["GET /runs/{id}/plan/json-output"] = Of(WorkspaceRight.ReadFullPlan),
        ["GET /runs/{id}/plan/json-output-redacted"] = Of(WorkspaceRight.ReadRuns),
        ["GET /applies/{id}"] = Of(WorkspaceRight.ReadRuns),
        ["GET /applies/{id}/errored-state"] = Of(WorkspaceRight.ReadRuns | WorkspaceRight.ReadState),

        ["GET /workspaces/{id}/current-state-version"] = OrShared(WorkspaceRight.ReadState) with { Find = Scopes.ShownCurrentState },
        ["GET /workspaces/{id}/current-state-version-outputs"] = OrShared(WorkspaceRight.ReadOutputs),
        ["GET /workspaces/{id}/state-versions"] = Of(WorkspaceRight.ReadState),
        ["POST /workspaces/{id}/state-versions"] = Of(WorkspaceRight.WriteState),
        ["PATCH /workspaces/{id}/state-versions"] = NotOfRuns(WorkspaceRight.WriteState),
        ["GET /state-versions"] = Account("the query names the workspace"),
        ["GET /state-versions/{id}"] = Of(WorkspaceRight.ReadState) with { Find = Scopes.ShownState },
        ["GET /state-versions/{id}/outputs"] = NotOfRuns(WorkspaceRight.ReadOutputs),
        ["GET /state-versions/{id}/download"] = NotOfRuns(WorkspaceRight.ReadState),
        ["GET /state-versions/{id}/json-download"] = NotOfRuns(WorkspaceRight.ReadState),
        ["GET /state-version-outputs/{id}"] = OrShared(WorkspaceRight.ReadOutputs),
        ["POST /state-versions/{id}/actions/soft_delete_backing_data"] = NotOfRuns(WorkspaceRight.Delete),
        ["POST /state-versions/{id}/actions/restore_backing_data"] = NotOfRuns(WorkspaceRight.Delete),
        ["POST /state-versions/{id}/actions/permanently_delete_backing_data"] = NotOfRuns(WorkspaceRight.Delete),
    };

    /// <summary>Gives each route of the group the rule that the table has for it.</summary>
    public static void Apply(IEndpointConventionBuilder group) => group.Finally(endpoint =>
    {
        var route = (RouteEndpointBuilder)endpoint;
        var method = endpoint.Metadata.OfType<HttpMethodMetadata>().LastOrDefault()?.HttpMethods;
        if (method is [var single] && !endpoint.Metadata.OfType<Need>().Any()
            && Rules.TryGetValue($"{single} {route.PathInApi()}", out var rule))
        {
            endpoint.Metadata.Add(rule.At(route.PathInApi()));
        }
    });

    public static string PathInApi(this RouteEndpointBuilder route) => route.RoutePattern.RawText![ApiRoutes.Root.Length..];
}
