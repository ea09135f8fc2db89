namespace Orchestrator.Web.Api;

/// <summary>What clients read from the answers to know which API this is.</summary>
internal sealed class ApiHeaders(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Path.StartsWithSegments(ApiRoutes.Root, StringComparison.Ordinal))
        {
            var headers = context.Response.Headers;
            // The cloud block asks for at least 2.5, import blocks in a run for 2.6; the version of the product must look like a date.
            headers["TFP-API-Version"] = "2.6";
            headers["TFP-AppName"] = "Terraform Enterprise";
            headers["X-TFE-Version"] = "v202502-1";
        }
        return next(context);
    }
}
