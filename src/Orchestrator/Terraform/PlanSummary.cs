using System.Text.Json;

namespace Orchestrator.Terraform;

/// <summary>What a plan does, counted from its JSON form (<c>terraform show -json</c>, format 1.x).</summary>
public sealed record PlanSummary(int Additions, int Changes, int Destructions, int Imports, int Moves)
{
    /// <summary>Terraform has written configuration for something that is to be imported.</summary>
    public bool GeneratedConfiguration { get; init; }

    /// <summary>Resources that somebody has changed or removed outside of terraform.</summary>
    public int Drifted { get; init; }

    /// <exception cref="JsonException">This is not a plan's JSON.</exception>
    public static PlanSummary Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        var drifted = document.RootElement.TryGetProperty("resource_drift", out var drift) ? drift.EnumerateArray().Count(HasDrifted) : 0;
        if (!document.RootElement.TryGetProperty("resource_changes", out var changes))
        {
            return new PlanSummary(0, 0, 0, 0, 0) { Drifted = drifted };
        }
        var (added, changed, destroyed, imported, moved, generated) = (0, 0, 0, 0, 0, false);
        foreach (var resource in changes.EnumerateArray().Where(IsManaged))
        {
            var change = resource.GetProperty("change");
            var actions = change.GetProperty("actions");
            added += Has(actions, "create") ? 1 : 0;
            destroyed += Has(actions, "delete") ? 1 : 0;
            changed += Has(actions, "update") ? 1 : 0;
            imported += change.TryGetProperty("importing", out var importing) && importing.ValueKind == JsonValueKind.Object ? 1 : 0;
            moved += resource.TryGetProperty("previous_address", out _) ? 1 : 0;
            generated |= change.TryGetProperty("generated_config", out _);
        }
        return new PlanSummary(added, changed, destroyed, imported, moved) { GeneratedConfiguration = generated, Drifted = drifted };
    }

    private static bool IsManaged(JsonElement resource) =>
        resource.TryGetProperty("mode", out var mode) && mode.ValueEquals("managed");

    /// <summary>A resource that only has another address is listed too.</summary>
    private static bool HasDrifted(JsonElement resource) =>
        IsManaged(resource) && resource.GetProperty("change").GetProperty("actions") is var actions && (Has(actions, "update") || Has(actions, "delete"));

    private static bool Has(JsonElement actions, string action) => actions.EnumerateArray().Any(each => each.ValueEquals(action));
}
