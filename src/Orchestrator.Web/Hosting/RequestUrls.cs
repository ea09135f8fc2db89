namespace Orchestrator.Web.Hosting;

internal static class RequestUrls
{
    /// <summary>A link to this server under the name by which the caller reached it: a run's terraform over loopback, a CLI over the
    /// public name. It goes to the caller alone.</summary>
    public static string AbsoluteUrl(this HttpContext context, string path) =>
        $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}{path}";
}
