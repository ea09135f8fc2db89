using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.AwsSimulator.Activity;

/// <summary>The activity log over HTTP, for people and scripts. An underscore is in no bucket's name, so the path is free.</summary>
internal static class ActivityPages
{
    private static readonly PathString Root = "/_simulator";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static bool Accepts(HttpRequest request) => request.Path.StartsWithSegments(Root);

    public static Task WriteAsync(HttpContext context, ActivityLog activity)
    {
        if (!HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Request.Path.StartsWithSegments(Root, out var page);
        switch (page.Value)
        {
            case "/events":
                return context.Response.WriteAsJsonAsync(activity.Events, Json, context.RequestAborted);
            case "/explain":
                return context.Response.WriteAsJsonAsync(activity.Explanations, Json, context.RequestAborted);
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
        }
    }
}
