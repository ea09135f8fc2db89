using System.Diagnostics;
using OpenTelemetry;
using Orchestrator.Data;

namespace Orchestrator.Web.Telemetry;

/// <summary>Leaves of the framework's spans only what cannot be secret. Addresses of uploads, logs and sign-in links, of receivers of notifications and
/// of code hosts hold secrets in path and query, so no span says more of an address than its host and its route.</summary>
internal sealed class SpanPrivacy : BaseProcessor<Activity>
{
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "http.request.method", "http.response.status_code", "http.route", "network.protocol.version", "server.address", "server.port", "error.type", "url.scheme",
    };

    public override void OnEnd(Activity data)
    {
        if (data.Source.Name == Tracing.SourceName)
        {
            return;
        }
        foreach (var name in data.TagObjects.Select(tag => tag.Key).Where(name => !Harmless.Contains(name)).ToArray())
        {
            // Null removes it.
            data.SetTag(name, null);
        }
        // Without a description.
        data.SetStatus(data.Status);
    }
}
