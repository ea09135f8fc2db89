using System.Text.RegularExpressions;
using Microsoft.Extensions.Primitives;
using Orchestrator.AwsSimulator.Activity;

namespace Orchestrator.AwsSimulator.Sts;

/// <summary>Checks parameters against the service model and reports all violations at once, in the service's words.</summary>
internal sealed class ParameterRules(IReadOnlyDictionary<string, StringValues> parameters)
{
    private readonly List<(string Value, string Parameter, string Constraint)> _violations = [];

    public Refusal? Violations => _violations.Count == 0
        ? null
        : new Refusal(
            new AwsError(
                "ValidationError",
                400,
                $"{_violations.Count} validation error{(_violations.Count == 1 ? "" : "s")} detected: "
                    + string.Join("; ", _violations.Select(violation =>
                        $"Value {violation.Value} at '{violation.Parameter}' failed to satisfy constraint: {violation.Constraint}"))),
            "parameters")
        {
            Comparisons = [.. _violations.Select(violation =>
                new Comparison(violation.Parameter, violation.Constraint, violation.Value))],
        };

    public string Text(string name, int least, int most, Regex? pattern = null, bool secret = false) =>
        OptionalText(name, least, most, pattern, secret) ?? Missing(name);

    public string? OptionalText(string name, int least, int most, Regex? pattern = null, bool secret = false)
    {
        if (!parameters.TryGetValue(name, out var values))
        {
            return null;
        }

        var value = values.ToString();
        var shown = secret ? "(hidden)" : $"'{(value.Length > most ? value[..most] + "…" : value)}'";
        Require(value.Length >= least, name, shown, $"Member must have length greater than or equal to {least}");
        Require(value.Length <= most, name, shown, $"Member must have length less than or equal to {most}");
        Require(
            value.Length > most || pattern?.IsMatch(value) != false,
            name, shown, $"Member must satisfy regular expression pattern: {Displayed(pattern)}");
        return value;
    }

    public int? OptionalNumber(string name, int least, int most)
    {
        if (!parameters.TryGetValue(name, out var values))
        {
            return null;
        }

        if (!int.TryParse(values.ToString(), out var number))
        {
            Require(false, name, $"'{values}'", "Member must be a whole number");
            return null;
        }

        Require(number >= least, name, $"'{number}'", $"Member must have value greater than or equal to {least}");
        Require(number <= most, name, $"'{number}'", $"Member must have value less than or equal to {most}");
        return number;
    }

    public void Absent(string name, string because) =>
        Require(!parameters.ContainsKey(name), name, $"'{parameters.GetValueOrDefault(name)}'", because);

    private string Missing(string name)
    {
        Require(false, name, "null", "Member must not be null");
        return "";
    }

    private void Require(bool holds, string name, string value, string constraint)
    {
        if (!holds)
        {
            _violations.Add((value, char.ToLowerInvariant(name[0]) + name[1..], constraint));
        }
    }

    private static string Displayed(Regex? pattern) =>
        pattern?.ToString().TrimStart('^').Replace(@"\z", "", StringComparison.Ordinal) ?? "";
}
