using System.Net;
using System.Net.Sockets;
using Orchestrator.Data;
using Orchestrator.Web.Hosting;

namespace Orchestrator.Web.Demo;

/// <summary><c>demo</c>: a whole installation in a temporary directory, one run on it from upload to wipe, and what happened in it.</summary>
internal static class DemoCommand
{
    private const string ExitOption = "--exit";

    /// <returns>0 when the run was applied, 1 when it was not.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var directory = Directory.CreateTempSubdirectory("orchestrator-demo-").FullName;
        try
        {
            return await RunAsync(directory, [.. args.Where(argument => argument != ExitOption)], exit: args.Contains(ExitOption));
        }
        finally
        {
            Terraform.DirectoryRemoval.Remove(directory);
        }
    }

    private static async Task<int> RunAsync(string directory, string[] args, bool exit)
    {
        await using var app = await WebServer.BuildAsync(args, builder => Configure(builder, directory, args));
        await app.StartAsync();
        DemoDisplay.Started(app.Services);

        var stopping = app.Lifetime.ApplicationStopping;
        var story = new DemoStory(app.Services);
        var applied = await story.TellAsync(stopping);

        if (!exit && !stopping.IsCancellationRequested)
        {
            await DemoDisplay.KeepsServingAsync(app.Services);
            await app.WaitForShutdownAsync();
        }
        await app.StopAsync();
        return applied ? 0 : 1;
    }

    private static void Configure(WebApplicationBuilder builder, string directory, string[] args)
    {
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [$"{WebServer.Section}:DataDirectory"] = directory,
            [$"{WebServer.Section}:Database:Provider"] = nameof(DatabaseProvider.Sqlite),
            [$"{WebServer.Section}:Database:ConnectionString"] = null,
            [$"{WebServer.Section}:AdminToken"] = DemoApi.Token,
            [$"{WebServer.Section}:AwsSimulator:Enabled"] = "true",
            [$"{WebServer.Section}:AwsSimulator:Url"] = "http://127.0.0.1:0",
            // The run's own log is the show.
            ["Logging:LogLevel:Default"] = nameof(LogLevel.Warning),
            ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = nameof(LogLevel.Error),
        });
        if (!args.Any(argument => argument.StartsWith("--urls", StringComparison.Ordinal)))
        {
            builder.WebHost.UseUrls(FreeUrls());
        }
    }

    /// <summary>The usual addresses, or any free one where another program has them.</summary>
    private static string[] FreeUrls() => IsFree(8080) && IsFree(8443)
        ? WebServer.DefaultUrls.Split(';')
        : ["http://127.0.0.1:0", "https://127.0.0.1:0"];

    private static bool IsFree(int port)
    {
        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            probe.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
