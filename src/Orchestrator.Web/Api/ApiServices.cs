namespace Orchestrator.Web.Api;

internal static class ApiServices
{
    public static void AddApi(this IServiceCollection services)
    {
        services.AddSingleton<StateVersionsApi.Presenter>();
        services.AddSingleton<PlansApi.LogLinks>();
    }
}
