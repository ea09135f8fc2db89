using System.Runtime.CompilerServices;

namespace Orchestrator.Web.Hosting;

/// <summary>Under systemd, tells it when the server listens and when it stops (<c>Type=notify</c>), and writes log lines as its journal reads them.</summary>
internal static class SystemdNotices
{
    public static void AddSystemdNotices(this WebApplicationBuilder builder)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 })
        {
            Add(builder);
        }
    }

    // Elsewhere its assembly is not even loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(WebApplicationBuilder builder) => builder.Services.AddSystemd();
}
