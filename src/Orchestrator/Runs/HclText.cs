using System.Text.Json;
using Orchestrator.Variables;

namespace Orchestrator.Runs;

/// <summary>Takes the quotes off a string that came as an HCL literal: the text itself is what logs are searched for.</summary>
internal static class HclText
{
    /// <summary>The same variable with the bare text as its value, when its value is a string without any expression in it.</summary>
    public static PlainVariable Plain(PlainVariable variable) =>
        variable.Hcl && Read(variable.Value.Trim()) is { } text ? variable with { Value = text, Hcl = false } : variable;

    private static string? Read(string literal)
    {
        if (literal is not ['"', .., '"'] || literal.Contains("${", StringComparison.Ordinal) || literal.Contains("%{", StringComparison.Ordinal))
        {
            return null;
        }
        try
        {
            // HCL's escapes are JSON's, and one more that JSON refuses.
            return JsonSerializer.Deserialize<string>(literal);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
