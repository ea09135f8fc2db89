using System.Text.Json;

namespace Orchestrator.States;

/// <summary>One output's value, as it stands in the state.</summary>
/// <param name="Type">Its type in terraform's JSON spelling: <c>"string"</c>, <c>["list","number"]</c>.</param>
/// <param name="Value">Its value as JSON.</param>
public sealed record StateValue(string Name, bool Sensitive, string Type, string Value)
{
    /// <summary>Says what it is without saying it.</summary>
    public override string ToString() => $"output {Name}";

    /// <exception cref="InvalidOperationException">What stands there are no outputs.</exception>
    /// <exception cref="KeyNotFoundException">One has no value, or no type.</exception>
    internal static IReadOnlyList<StateValue> AllOf(JsonElement root) =>
        root.TryGetProperty("outputs", out var outputs) && outputs.ValueKind != JsonValueKind.Null
            ? [.. outputs.EnumerateObject().Select(output => new StateValue(
                output.Name,
                output.Value.TryGetProperty("sensitive", out var sensitive) && sensitive.ValueKind != JsonValueKind.Null && sensitive.GetBoolean(),
                output.Value.GetProperty("type").GetRawText(),
                output.Value.GetProperty("value").GetRawText()))]
            : [];
}
