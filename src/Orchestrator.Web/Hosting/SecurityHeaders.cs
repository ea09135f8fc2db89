using System.Net;

namespace Orchestrator.Web.Hosting;

/// <summary>What every answer says about itself: run no script but our own, show in no other site's frame, guess no types, tell nobody where
/// one came from.</summary>
internal sealed class SecurityHeaders(RequestDelegate next, IConfiguration settings)
{
    private const string OneYear = "max-age=31536000";

    // Of what pages can ask a browser for, ours ask for none but to copy.
    private const string Permissions =
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), gyroscope=(), "
        + "magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(self), publickey-credentials-create=(self), "
        + "screen-wake-lock=(), usb=(), xr-spatial-tracking=()";

    /// <summary>A browser that was told so refuses every certificate it does not know, so only a server says it that has a known one.</summary>
    private readonly bool _isKnown = LocalAuthority.HasCertificate(settings);

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy(
            "'self'", context.GetEndpoint()?.Metadata.GetMetadata<StylesOfOthers>() is null ? "'self'" : "'self' 'unsafe-inline'");
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Permissions-Policy"] = Permissions;
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (_isKnown && context.Request.IsHttps && !IsHere(context.Request.Host.Host))
        {
            headers.StrictTransportSecurity = OneYear;
        }
        return next(context);
    }

    internal static string ContentSecurityPolicy(string forms, string styles = "'self'") =>
        $"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + $"form-action {forms}; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Names and addresses that mean another machine to everybody.</summary>
    private static bool IsHere(string host) => host == "localhost" || IPAddress.TryParse(host.Trim('[', ']'), out _);
}

/// <summary>On pages that are a library's, whose styles stand in its elements and are written by its scripts. The scripts themselves are files,
/// as ours are.</summary>
internal sealed record StylesOfOthers;

internal static class SecurityHeadersOfPages
{
    /// <summary>Lets this page's forms lead on to an origin elsewhere, too.</summary>
    /// <remarks>Chromium holds every redirect that follows a form against the rules of the page that the form was on.</remarks>
    public static void AllowFormsToLeadTo(this HttpContext context, string origin) =>
        context.Response.Headers.ContentSecurityPolicy = SecurityHeaders.ContentSecurityPolicy($"'self' {origin}");
}
