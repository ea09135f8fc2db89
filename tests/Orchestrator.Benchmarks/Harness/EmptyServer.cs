using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Benchmarks.Harness;

/// <summary>An ASP.NET Core application that does nothing: the baseline of every server.</summary>
internal static class EmptyServer
{
    public const string Verb = "empty-server";
    public const string Path = "/empty";

    public static async Task RunAsync(string urls)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(urls);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        await using var app = builder.Build();
        app.MapGet(Path, () => "");
        await app.RunAsync();
    }
}
