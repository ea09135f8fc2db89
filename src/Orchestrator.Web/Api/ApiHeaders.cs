namespace Orchestrator.Web.Api;

/// <summary>What clients read from the answers to know which API this is.</summary>
internal sealed class ApiHeaders(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments(ApiRoutes.Root, StringComparison.Ordinal))
        {
            var headers = context.Response.Headers;
            // The cloud block asks for at least 2.5, import blocks in a run for 2.6.
            headers["TFP-API-Version"] = "2.6";
            headers["TFP-AppName"] = "Terraform Enterprise";
            // Must look like a date. From v202302-1 on, the CLI draws the plans of workspaces with structured-run-output-enabled, which is
            // what the tfe provider makes, by itself. Here their log is terraform's own text, with the plan in it.
            headers["X-TFE-Version"] = "v202301-1";
        }
        return next(context);
    }
}
