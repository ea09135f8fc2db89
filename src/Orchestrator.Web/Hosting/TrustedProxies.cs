using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;

namespace Orchestrator.Web.Hosting;

/// <summary>Section <c>Orchestrator</c>.</summary>
public sealed class ProxyOptions
{
    /// <summary>Addresses and networks (<c>10.0.0.0/8</c>) of the proxies before this server, whose <c>X-Forwarded-For</c>, <c>-Proto</c> and
    /// <c>-Host</c> say who calls and by which address. Default: none, and nothing is believed.</summary>
    public string[] TrustedProxies { get; set; } = [];
}

/// <summary>Takes the caller's address, the scheme and the host from the proxies that are named, however many a request has come through, and
/// from nobody else.</summary>
internal static class TrustedProxies
{
    public static void AddTrustedProxies(this IServiceCollection services, IConfigurationSection section)
    {
        services.AddOptions<ProxyOptions>().Bind(section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProxyOptions>, Validation>();
        services.AddOptions<ForwardedHeadersOptions>().Configure<IOptions<ProxyOptions>>((headers, proxies) =>
        {
            // Where no proxy is named the middleware would believe everybody, and ASPNETCORE_FORWARDEDHEADERS_ENABLED means just that.
            headers.ForwardedHeaders = proxies.Value.TrustedProxies.Length == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
            // The first one from the right that is no proxy of ours is the caller.
            headers.ForwardLimit = null;
            headers.KnownProxies.Clear();
            headers.KnownIPNetworks.Clear();
            foreach (var proxy in proxies.Value.TrustedProxies)
            {
                headers.KnownIPNetworks.Add(Networks.Parse(proxy));
            }
        });
    }

    /// <summary>Whether it says itself that it has come through a proxy, which nobody has vouched for or whose word was taken already.</summary>
    public static bool IsForwarded(this HttpRequest request) =>
        request.Headers.ContainsKey("X-Forwarded-For") || request.Headers.ContainsKey("Forwarded") || request.Headers.ContainsKey("X-Forwarded-Host");

    private sealed class Validation : IValidateOptions<ProxyOptions>
    {
        public ValidateOptionsResult Validate(string? name, ProxyOptions options) =>
            Networks.Fault("Orchestrator__TrustedProxies", options.TrustedProxies) is { } fault ? ValidateOptionsResult.Fail(fault) : ValidateOptionsResult.Success;
    }
}
