using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Web.Tests.Support;

namespace Orchestrator.Web.Tests.Telemetry;

/// <summary>What <c>/metrics</c> serves, by name: alerts and dashboards of others rely on it.</summary>
internal static partial class MetricsDocument
{
    private const string Name = "metrics";

    private static readonly string[] OfOthers = ["http_server_request_duration_seconds", "dotnet_process_memory_working_set_bytes", "dotnet_process_cpu_time_seconds_total"];

    /// <summary>The runtime tells more than is listed here, and changes it with its versions.</summary>
    public static void Compare(string page)
    {
        var metrics = new JsonObject();
        foreach (Match type in TypeLine().Matches(page))
        {
            var (name, kind) = (type.Groups["name"].Value, type.Groups["kind"].Value);
            if (name.StartsWith("orchestrator_", StringComparison.Ordinal) || OfOthers.Contains(name))
            {
                metrics[name] = new JsonObject { ["type"] = kind, ["labels"] = new JsonArray([.. LabelsOf(page, name)]) };
            }
        }
        CommittedDocument.Compare(Name, metrics, new Dictionary<string, string>());
    }

    /// <summary>Every name that a query may use.</summary>
    public static IReadOnlySet<string> Names()
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Documents", $"{Name}.json")))!.AsObject();
        return document.SelectMany(metric => metric.Value!["type"]!.GetValue<string>() == "histogram"
            ? new[] { $"{metric.Key}_bucket", $"{metric.Key}_sum", $"{metric.Key}_count" }
            : [metric.Key]).ToHashSet(StringComparer.Ordinal);
    }

    private static IEnumerable<JsonNode> LabelsOf(string page, string name) => Regex.Matches(page, $@"^{name}(?:_bucket|_sum|_count)?\{{(?<labels>.*)\}} ", RegexOptions.Multiline)
        .SelectMany(line => LabelName().Matches(line.Groups["labels"].Value).Select(label => label.Groups["name"].Value))
        .Where(label => label != "le").Distinct().Order(StringComparer.Ordinal).Select(label => (JsonNode)label);

    [GeneratedRegex("^# TYPE (?<name>[a-z0-9_]+) (?<kind>[a-z]+)$", RegexOptions.Multiline)]
    private static partial Regex TypeLine();

    [GeneratedRegex("(?<name>[a-z0-9_]+)=\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex LabelName();
}
