using System.Reflection;
using System.Runtime.CompilerServices;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Orchestrator.Data;

namespace Orchestrator.Web.Telemetry;

/// <summary>Sends spans, metrics and log lines to an OpenTelemetry collector, when there is one.</summary>
internal static class TelemetryExport
{
    private const string DefaultName = "orchestrator";

    /// <summary>Nothing of it is loaded where nothing is exported.</summary>
    public static void AddTelemetryExport(this WebApplicationBuilder builder)
    {
        if (OtlpSettings.Read(builder.Configuration) is { IsOn: true } settings)
        {
            Add(builder, settings);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(WebApplicationBuilder builder, OtlpSettings settings)
    {
        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource =>
        {
            if (!settings.NamesService)
            {
                resource.AddService(DefaultName, autoGenerateServiceInstanceId: true);
            }
            resource.AddAttributes([new("service.version",
                typeof(TelemetryExport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "")]);
        });
        if (settings.Traces)
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource(Tracing.SourceName)
                // What this server asks of others, as the runtime tells it.
                .AddSource("System.Net.Http")
                .AddAspNetCoreInstrumentation(requests => requests.Filter = IsOfInterest)
                .AddProcessor(new SpanPrivacy())
                .AddOtlpExporter());
        }
        if (settings.Metrics)
        {
            telemetry.WithMetrics(metrics => metrics.AddMeter(Instruments.MeterName, MetricsPage.Requests, MetricsPage.Runtime).AddOtlpExporter());
        }
        if (settings.Logs)
        {
            telemetry.WithLogging(logging => logging.AddOtlpExporter(), lines =>
            {
                lines.IncludeFormattedMessage = true;
                // They hold the paths of requests.
                lines.IncludeScopes = false;
            });
            // Below, the framework tells whole addresses.
            builder.Logging.AddFilter<OpenTelemetryLoggerProvider>("Microsoft.AspNetCore", LogLevel.Warning);
            builder.Logging.AddFilter<OpenTelemetryLoggerProvider>("System.Net.Http", LogLevel.Warning);
        }
    }

    private static bool IsOfInterest(HttpContext context) => !context.Request.Path.StartsWithSegments("/metrics")
        && !context.Request.Path.StartsWithSegments("/healthz") && !context.Request.Path.StartsWithSegments("/readyz");
}
