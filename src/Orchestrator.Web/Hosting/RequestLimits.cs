using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Orchestrator.Web.Hosting;

/// <summary>How much of the server one connection may hold, and for how long, before it has proved anything.</summary>
internal static class RequestLimits
{
    /// <summary>For forms, the largest of which hold a variable's value. Uploads and the API's bodies have limits of their own.</summary>
    public const int MaxBody = 4 * 1024 * 1024;

    public static void Apply(KestrelServerLimits limits)
    {
        // Whoever sends a byte now and then keeps a connection no longer than this.
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        limits.MaxRequestBodySize = MaxBody;
        limits.MaxRequestHeaderCount = 60;
        limits.MaxRequestHeadersTotalSize = 32 * 1024;
        limits.MaxRequestLineSize = 8 * 1024;
    }
}
