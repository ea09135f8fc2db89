namespace Orchestrator.Web.Hosting;

/// <summary>What every answer says about itself: run no script but our own, show in no other site's frame, guess no types.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy("'self'");
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        return next(context);
    }

    internal static string ContentSecurityPolicy(string forms) =>
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + $"form-action {forms}; base-uri 'none'; frame-ancestors 'none'";
}

internal static class SecurityHeadersOfPages
{
    /// <summary>Lets this page's forms lead on to an origin elsewhere, too.</summary>
    /// <remarks>Chromium holds every redirect that follows a form against the rules of the page that the form was on.</remarks>
    public static void AllowFormsToLeadTo(this HttpContext context, string origin) =>
        context.Response.Headers.ContentSecurityPolicy = SecurityHeaders.ContentSecurityPolicy($"'self' {origin}");
}
