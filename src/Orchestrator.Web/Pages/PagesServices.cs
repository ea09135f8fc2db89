using Orchestrator.Web.Access;
using Orchestrator.Web.Hosting;
using Orchestrator.Web.Pages.Audit;
using Orchestrator.Web.Pages.Credentials;
using Orchestrator.Web.Pages.Events;
using Orchestrator.Web.Pages.Forms;
using Orchestrator.Web.Pages.Home;
using Orchestrator.Web.Pages.Organizations;
using Orchestrator.Web.Pages.Runs;
using Orchestrator.Web.Pages.Search;
using Orchestrator.Web.Pages.Site;
using Orchestrator.Web.Pages.Workspaces;

namespace Orchestrator.Web.Pages;

internal static class PagesServices
{
    public static void AddPages(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "orchestrator-forms";
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.FormFieldName = "__forms";
        });
        services.AddSingleton<RunEvents>();
        services.AddSingleton<ListEvents>();
        services.AddSingleton<LogEvents>();
        services.AddSingleton<RunReader>();
        services.AddSingleton<WorkspaceReader>();
        services.AddSingleton<ReadmeReader>();
        services.AddSingleton<WorkspaceLists>();
        services.AddSingleton<HomeReader>();
        services.AddSingleton<SearchReader>();
        services.AddSingleton<UsageReader>();
        services.AddSingleton<SiteReader>();
        services.AddSingleton<LedgerReader>();
        services.AddSingleton<AuditReader>();
    }

    public static void MapPages(this WebApplication app)
    {
        app.MapStaticAssets().AllowAnonymous();
        var pages = app.MapRazorComponents<App>().RequireAuthorization(Rights.PagePolicy);
        PageRules.Apply(pages);

        var site = app.MapGroup("").RequireAuthorization(Rights.PagePolicy).ExcludeFromDescription();
        PageRules.Apply(site);
        site.MapEvents();
        site.MapForms();
        site.MapStateFiles();
        site.MapTokenForms();
        site.MapSessionForms();
        site.MapAuthenticatorForms();
        site.MapMemberForms();
        site.MapSiteForms();
        site.MapLedgerFiles();
        site.MapJobsDashboard();
        site.MapAuditFiles();
        site.MapFallback("{*path}", IResult () => App.Show<NotFoundPage>(StatusCodes.Status404NotFound)).AllowOnlyReading();
    }

    private static void AllowOnlyReading(this IEndpointConventionBuilder fallback) =>
        fallback.WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head]));
}
