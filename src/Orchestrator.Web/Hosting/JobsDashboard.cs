using Hangfire;

namespace Orchestrator.Web.Hosting;

/// <summary>Hangfire's own pages about the queue, for site admins. They only look: a run's row is the truth, and whoever wants to stop a run
/// does so on its page.</summary>
internal static class JobsDashboard
{
    public const string Path = "/app/admin/jobs";

    public static void MapJobsDashboard(this IEndpointRouteBuilder site) => site.MapHangfireDashboard(
        Path,
        new DashboardOptions
        {
            // The page's rule decides; the library's own would let in whoever sits at the server.
            Authorization = [],
            IsReadOnlyFunc = _ => true,
            AppPath = "/",
            DashboardTitle = "Jobs",
            DisplayStorageConnectionString = false,
        },
        site.ServiceProvider.GetRequiredService<JobStorage>()).WithMetadata(new StylesOfOthers());
}
