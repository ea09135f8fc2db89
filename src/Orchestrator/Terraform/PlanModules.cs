using System.Text.Json;

namespace Orchestrator.Terraform;

/// <summary>Which modules a plan's configuration calls (<c>terraform show -json</c>, format 1.x).</summary>
public static class PlanModules
{
    /// <summary>True when a module comes from outside the configuration, so that only <c>terraform init</c> can bring its files.</summary>
    public static bool AnyInstalled(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return !document.RootElement.TryGetProperty("configuration", out var configuration)
            || !configuration.TryGetProperty("root_module", out var root)
            || AnyInstalled(root);
    }

    private static bool AnyInstalled(JsonElement module) =>
        module.TryGetProperty("module_calls", out var calls) && calls.EnumerateObject().Any(call =>
            !IsLocal(call.Value) || !call.Value.TryGetProperty("module", out var called) || AnyInstalled(called));

    private static bool IsLocal(JsonElement call) =>
        call.TryGetProperty("source", out var source) && source.GetString() is { } path
        && (path.StartsWith("./", StringComparison.Ordinal) || path.StartsWith("../", StringComparison.Ordinal));
}
