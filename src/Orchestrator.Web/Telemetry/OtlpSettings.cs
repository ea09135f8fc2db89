namespace Orchestrator.Web.Telemetry;

/// <summary>Which signals are exported: by OpenTelemetry's own variables, and none unless they name where to.</summary>
internal sealed record OtlpSettings(bool Traces, bool Metrics, bool Logs, bool NamesService)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public bool IsOn => Traces || Metrics || Logs;

    /// <exception cref="OtlpSettingsException">An endpoint is no address. The library would send to another one instead.</exception>
    public static OtlpSettings Read(IConfiguration settings)
    {
        var isOff = string.Equals(settings["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase);
        return new OtlpSettings(
            !isOff && IsWanted(settings, "TRACES"), !isOff && IsWanted(settings, "METRICS"), !isOff && IsWanted(settings, "LOGS"),
            settings["OTEL_SERVICE_NAME"] is { Length: > 0 } || settings["OTEL_RESOURCE_ATTRIBUTES"]?.Contains("service.name=", StringComparison.Ordinal) == true);
    }

    private static bool IsWanted(IConfiguration settings, string signal)
    {
        var (name, endpoint) = $"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT" is var own && settings[own] is { Length: > 0 } special
            ? (own, special)
            : (Endpoint, settings[Endpoint]);
        if (string.IsNullOrEmpty(endpoint) || settings[$"OTEL_{signal}_EXPORTER"]?.Contains("otlp", StringComparison.OrdinalIgnoreCase) == false)
        {
            return false;
        }
        // Not the value: some collectors take a key in it.
        return Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? true
            : throw new OtlpSettingsException($"{name} is no address. Set it to where the collector listens, such as http://localhost:4317 "
                + "(with OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf: http://localhost:4318).");
    }
}

/// <summary>The message says what to do.</summary>
public sealed class OtlpSettingsException(string message) : Exception(message);
