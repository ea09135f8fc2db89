using System.Net;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Orchestrator.Access;
using Orchestrator.Web.Access;
using Orchestrator.Web.Telemetry;

namespace Orchestrator.Web.Hosting;

/// <summary>Section <c>Orchestrator:Metrics</c>.</summary>
public sealed class MetricsOptions
{
    /// <summary>A bearer token that reads the metrics and nothing else. Default: none.</summary>
    public string? Token { get; set; }

    /// <summary>Addresses and networks that read them without a token. This machine always does. Default: none.</summary>
    public string[] Networks { get; set; } = [];
}

/// <summary>Metrics tell how busy everybody is, so they are for this machine, for the networks that are named, and for whoever shows the metrics'
/// own token or is a site admin.</summary>
internal sealed class MetricsGate
{
    private readonly RequestDelegate _next;
    private readonly IPNetwork[] _networks;
    private readonly string? _hash;

    public MetricsGate(RequestDelegate next, IOptions<MetricsOptions> options)
    {
        _next = next;
        _networks = [.. options.Value.Networks.Select(Networks.Parse)];
        _hash = options.Value.Token is { Length: > 0 } token ? TokenHash.Of(token) : null;
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<Behind>() is null || IsNear(context) || await IsProvedAsync(context))
        {
            await _next(context);
            return;
        }
        context.Response.Headers.WWWAuthenticate = "Bearer";
        await Results.Text(
            "Metrics need a token here: send 'Authorization: Bearer …' with the one in Orchestrator__Metrics__Token, or a site admin's.\n",
            statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(context);
    }

    /// <summary>A proxy on this machine that is not named among the trusted ones brings everybody, and says so.</summary>
    private bool IsNear(HttpContext context) => context.Connection.RemoteIpAddress is { } address
        && (IPAddress.IsLoopback(address) ? !context.Request.IsForwarded() : Networks.Contains(_networks, address));

    private async Task<bool> IsProvedAsync(HttpContext context)
    {
        if (_hash is not null && BearerHandler.TokenOf(context.Request) is { } token && TokenHash.Matches(token, _hash))
        {
            return true;
        }
        // A worker knows nobody.
        return context.RequestServices.GetService<IAuthenticationSchemeProvider>() is not null
            && (Caller.TryOf(context)?.IsSiteAdmin == true
                || (await context.AuthenticateAsync(BearerHandler.Scheme)).Principal?.IsInRole(Rights.Admin) == true);
    }

    /// <summary>On the route that it guards.</summary>
    internal sealed record Behind;

    internal sealed class Validation : IValidateOptions<MetricsOptions>
    {
        public ValidateOptionsResult Validate(string? name, MetricsOptions options) =>
            options.Token is { Length: > 0 and < AdminToken.MinLength }
                ? ValidateOptionsResult.Fail(
                    $"Orchestrator__Metrics__Token is shorter than {AdminToken.MinLength} characters. Use a long random one, such as 'openssl rand -hex 32' prints.")
                : Networks.Fault("Orchestrator__Metrics__Networks", options.Networks) is { } fault ? ValidateOptionsResult.Fail(fault) : ValidateOptionsResult.Success;
    }
}

internal static class MetricsRoutes
{
    public static void AddMetricsGate(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<MetricsOptions>().Bind(section.GetSection("Metrics")).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MetricsOptions>, MetricsGate.Validation>();
        services.AddSingleton<MetricsPage>();
    }

    public static void MapGuardedMetrics(this IEndpointRouteBuilder routes)
    {
        // What happens before anybody looks is counted, too; but nobody who waits for the server to listen waits for that.
        var services = routes.ServiceProvider;
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() => services.GetRequiredService<MetricsPage>());
        routes.MapGet("/metrics", async (MetricsPage page, CancellationToken cancellationToken) => Results.Text(await page.ReadAsync(cancellationToken), MetricsPage.ContentType))
            .AllowAnonymous().ExcludeFromDescription().WithMetadata(new MetricsGate.Behind());
    }
}
