using Orchestrator.Web.Api.JsonApi;

namespace Orchestrator.Web.Api;

internal static class ApiServices
{
    public static void AddApi(this IServiceCollection services)
    {
        services.AddSingleton<PhaseDetails>();
        services.AddSingleton<ResourceTypes>();
        services.AddSingleton<ListTotals>();
        services.AddSingleton<OutputIds>();
        services.AddSingleton<ClientVersion>();
        services.AddResource<OrganizationResource>();
        services.AddResource<EntitlementSetResource>();
        services.AddResource<UserResource>();
        services.AddResource<TeamResource>();
        services.AddResource<TeamWorkspaceResource>();
        services.AddResource<TeamProjectResource>();
        services.AddResource<MembershipResource>();
        services.AddResource<TokenResource>();
        services.AddResource<ProjectResource>();
        services.AddResource<WorkspaceResource>();
        services.AddResource<TagResource>();
        services.AddResource<TagBindingResource>();
        services.AddResource<EffectiveTagBindingResource>();
        services.AddResource<ReservedTagKeyResource>();
        services.AddResource<SshKeyResource>();
        services.AddResource<AgentPoolResource>();
        services.AddResource<AgentResource>();
        services.AddResource<OAuthClientResource>();
        services.AddResource<OAuthTokenResource>();
        services.AddResource<VcsEventResource>();
        services.AddResource<IngressAttributesResource>();
        services.AddResource<VariableResource>();
        services.AddResource<VariableSetResource>();
        services.AddResource<ConfigurationVersionResource>();
        services.AddResource<RunResource>();
        services.AddResource<RunEventResource>();
        services.AddResource<CommentResource>();
        services.AddResource<RunTriggerResource>();
        services.AddResource<NotificationResource>();
        services.AddResource<CapacityResource>();
        services.AddResource<PlanResource>();
        services.AddResource<ApplyResource>();
        services.AddResource<StateVersionResource>();
        services.AddResource<StateOutputResource>();
        services.AddResource<WorkspaceOutputResource>();
    }
}
